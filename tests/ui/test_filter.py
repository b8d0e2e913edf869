"""The filter line: what each word means, and that nothing typed can raise or take long."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.ui.columns import Fields
from console.ui.filter import FIELDS, MAX_PATTERN, Filter, FilterError, parse

ROW: Fields = {
    "text": "prod-linux-03 idle self-hosted Linux GPU acme/web build (3.12)",
    "label": ("self-hosted", "Linux", "GPU"),
    "status": ("online", "idle"),
    "group": "Default Group",
    "repo": "acme/web",
    "branch": "release/2",
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", True),
        ("   ", True),
        ("PROD-linux", True),
        ("prod mac", False),
        ("prod gpu", True),
        ("!mac", True),
        ("!prod", False),
        ("label:gpu", True),
        ("LABEL:gpu", True),
        ("label:gpu,linux", False),
        ("label:idle", False),
        ("!label:gpu", False),
        ("status:idle label:linux", True),
        ('group:"default group"', True),
        ('group:"default g', True),
        ('"linux gpu"', True),
        ("repo:acme/", True),
        ("version:2", False),
        ("!version:2", True),
        ("/LINUX-0[1-4]/", True),
        ("/linux-0[5-9]/", False),
        ("!/linux-0[5-9]/", True),
        (r"repo:/^acme\/web$/", True),
        ("label:/^gp$/", False),
        ("label:/^gpu$/", True),
        ("/linux-0", True),
        ("(3.12)", True),
        ("12:30", False),
        ('"label:gpu"', False),
    ],
)
def test_a_row_is_shown_when_every_word_matches(text: str, shown: bool) -> None:
    filter_ = parse(text)
    assert isinstance(filter_, Filter)
    assert filter_.matches(ROW) is shown


@pytest.mark.parametrize("text", ["label:", "!", "!label:", "//", "!//", '"', "/", "label:/"])
def test_a_word_that_is_still_being_typed_hides_nothing(text: str) -> None:
    filter_ = parse(text)
    assert isinstance(filter_, Filter)
    assert not filter_
    assert filter_.matches({})


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("gpu lable:x", 4, "no field lable:"),
        ("!stats:idle", 1, "no field stats:"),
        ("a /b(/", 4, "a ( has no )"),
        ("/[/", 1, "a [ has no ]"),
        ("/*a/", 1, "nothing to repeat"),
        ("/a/b", 3, "space is missing"),
        ('"a"b', 3, "space is missing"),
        ("/(a+)+$/", 5, "very long"),
        ("/(a|aa)*b/", 7, "very long"),
        ("/a.*b.*c.*d/", 9, "very long"),
        ("/((a?)x){30}/", 8, "very long"),
        ("/" + "a" * (MAX_PATTERN + 1) + "/", MAX_PATTERN + 1, "at most 200 characters"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, position: int, said: str) -> None:
    error = parse(text)
    assert isinstance(error, FilterError)
    assert said in error.message
    assert error.position == position


def test_a_misspelt_field_is_answered_with_the_nearest_one() -> None:
    for field in FIELDS:
        error = parse(f"{field}x:1")
        assert isinstance(error, FilterError)
        assert error.hint.startswith(f"Nearest: {field}: ")


@given(st.text() | st.text(alphabet='/!":()[]{}*+?|\\^ab1, ', max_size=60), st.text(alphabet="ab/ 1", max_size=80))
def test_nothing_that_can_be_typed_raises(text: str, name: str) -> None:
    filter_ = parse(text)
    if isinstance(filter_, Filter):
        assert filter_.matches({"text": name, "label": (name, "b")}) in {True, False}
    else:
        assert 0 <= filter_.position <= len(text)
        assert filter_.message


@settings(deadline=None)
@given(st.text(alphabet="ab()[]*+?|{},1.\\^$", max_size=12))
def test_a_pattern_that_is_accepted_comes_to_an_end_on_a_hostile_name(pattern: str) -> None:
    begun = time.process_time()
    filter_ = parse(f"/{pattern}/")
    if isinstance(filter_, Filter):
        filter_.matches({"text": "a" * 100_000})
    assert time.process_time() - begun < 2, "the screen would stand still"


@pytest.mark.parametrize("pattern", ["(web|api)?-0[1-4]", r"\(a+\)+", "[(a+]+x", "https?:.*prod.*", "^v\\d{1,3}$"])
def test_a_common_pattern_is_not_taken_for_a_costly_one(pattern: str) -> None:
    assert isinstance(parse(f"/{pattern}/"), Filter)


def test_only_the_first_thousand_characters_of_a_name_are_searched_by_a_pattern() -> None:
    filter_ = parse("/needle/")
    assert isinstance(filter_, Filter)
    assert filter_.matches({"text": "x" * 994 + "needle"})
    assert not filter_.matches({"text": "x" * 995 + "needle"})
