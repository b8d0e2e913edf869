from datetime import UTC, datetime, timedelta

import pytest

from console.fleet.ages import age, in_seconds
from console.fleet.line_ends import tied, untied
from console.fleet.models import Age, Name, counted, plain
from console.fleet.words import count, named, sentence, several


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 00"),
        (3 * 3600 + 5 * 60, "3 h 05"),
        (48 * 3600 - 1, "47 h 59"),
        (48 * 3600, "2 d"),
        (100 * 86400, "100 d"),
    ],
)
def test_an_age_has_one_or_two_numbers_and_is_rounded_down(seconds: float, words: str) -> None:
    assert age(timedelta(seconds=seconds)) == words


def test_what_is_held_against_a_threshold_is_said_in_seconds_while_it_is_short() -> None:
    assert [in_seconds(timedelta(seconds=s)) for s in (90, 599, 600)] == ["90 s", "599 s", "10 min"]


@pytest.mark.parametrize(("number", "words"), [(0, "0"), (999, "999"), (4812, "4 812"), (1234567, "1 234 567")])
def test_counts_are_grouped_by_a_space(number: int, words: str) -> None:
    assert count(number) == words


def test_one_is_not_spoken_of_as_many() -> None:
    assert [several(1, "job"), several(1200, "job"), several(2, "runner has", "runners have")] == [
        "1 job",
        "1 200 jobs",
        "2 runners have",
    ]


def test_a_long_list_of_names_ends_with_how_many_more_there_are() -> None:
    assert plain(named(["a", "b"])) == "a, b"
    assert plain(named([str(n) for n in range(1005)])) == "0, 1, 2 and 1 002 more"
    assert named([]) == ()


def test_foreign_text_stays_apart_from_our_words() -> None:
    assert sentence("lacks ", named(["[red]"]), ".") == ("lacks ", Name("[red]"), ".")


def test_an_age_in_a_sentence_counts_on_and_is_as_it_was_made_without_a_time() -> None:
    made = datetime(2026, 3, 2, 12, tzinfo=UTC)
    phrase = sentence("waits ", Age(timedelta(minutes=14), made), " on ", Name("linux-1"))
    assert plain(phrase) == "waits 14 min on linux-1"
    assert plain(counted(phrase, made + timedelta(minutes=2))) == "waits 16 min on linux-1"
    assert plain(counted(phrase, made - timedelta(minutes=2))) == "waits 14 min on linux-1"


def test_an_age_that_is_not_known_to_last_stands_still() -> None:
    made = datetime(2026, 3, 2, 12, tzinfo=UTC)
    phrase = (Age(timedelta(minutes=14), at_least=True),)
    assert plain(counted(phrase, made + timedelta(hours=2))) == "at least 14 min"


def test_an_age_that_is_held_against_a_threshold_is_in_seconds() -> None:
    assert Age(timedelta(seconds=95), exact=True).text() == "95 s"


@pytest.mark.parametrize(
    "number", ["14 min", "2 d", "3 h 05", "90 %", "4 812", "12 GB", "3 Dec", "≥ 8 min", "10 s ago"]
)
def test_a_number_and_its_unit_are_one_word(number: str) -> None:
    text = f"since {number} of it"
    assert len(tied(text).split(" ")) == 4
    assert len(tied(text)) == len(text)
    assert untied(tied(text)) == text


def test_other_words_stay_apart() -> None:
    for text in ("3 jobs wait", "run 812 main", "line 45: s", "on 12 hosts"):
        assert tied(text) == text
