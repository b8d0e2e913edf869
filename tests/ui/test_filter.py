"""The filter line: what each word means, and that nothing typed can raise or take long."""

import warnings
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.fleet.pattern_tree import Choice, Repeat, Sequence, tree
from console.ui.columns import Fields
from console.ui.filter import FIELDS, MAX_PATTERN, MAX_REPEATS, MAX_UNBOUNDED, Filter, FilterError, parse

ROW: Fields = {
    "text": "prod-linux-03 idle self-hosted Linux GPU acme/web build (3.12)",
    "label": ("self-hosted", "Linux", "GPU"),
    "status": ("online", "idle"),
    "group": "Default Group",
    "repo": "acme/web",
    "branch": "release/2",
    "class": "remote-cache",
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
        ("class:remote", True),
        ("class:cache", False),
        ("!class:cache", True),
        ("class:/cache/", True),
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
        ("gpu lable:x", 4, "no field lable."),
        ("!stats:idle", 1, "no field stats."),
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
        assert error.hint.startswith(f"Nearest: {field}. ")


@given(st.text() | st.text(alphabet='/!":()[]{}*+?|\\^ab1, ', max_size=60), st.text(alphabet="ab/ 1", max_size=80))
def test_nothing_that_can_be_typed_raises(text: str, name: str) -> None:
    filter_ = parse(text)
    if isinstance(filter_, Filter):
        assert filter_.matches({"text": name, "label": (name, "b")}) in {True, False}
    else:
        assert 0 <= filter_.position <= len(text)
        assert filter_.message


def repeats(nodes: Sequence, *, within: bool = False) -> Iterator[tuple[Repeat, bool]]:
    """Every repeat of a pattern, and whether what it is in or holds could be read in several ways again and again."""
    for node in nodes:
        if isinstance(node, Repeat):
            yield node, within
            yield from repeats(node.body, within=within or node.most > 1)
        elif isinstance(node, Choice):
            assert not within, "a choice is repeated"
            for branch in node.branches:
                yield from repeats(branch, within=within)


TYPED = st.text(alphabet="ab()[]*+?|{},1.\\^$", max_size=16)
MADE = st.recursive(
    st.sampled_from(["a", ".", "[ab]", "[^](]", r"\(", r"\d"]),
    lambda part: (
        st.builds("{}{}".format, part, part)
        | st.builds("({}|b{})".format, part, part)
        | st.builds("({}){}".format, part, st.sampled_from(["*", "+?", "{2,}", "{3}", "{1,9}", "?"]))
        | st.builds("[ab]{}{}".format, st.sampled_from(["*", "+", "?"]), part)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(TYPED | MADE)
def test_a_pattern_that_is_accepted_repeats_no_choice_and_little_without_an_end(pattern: str) -> None:
    """So the time it takes grows with a small power of the text, and of that at most a thousand characters are read."""
    if not isinstance(parse(f"/{pattern} /"), Filter):
        return
    with warnings.catch_warnings(action="ignore"):
        found = list(repeats(tree(f"{pattern} ")))
    assert not any(within for _, within in found), "a repeat is repeated"
    assert len(found) <= MAX_REPEATS
    assert sum(node.most > len(pattern) * 100 for node, _ in found) <= MAX_UNBOUNDED


@pytest.mark.parametrize("pattern", ["(web|api)?-0[1-4]", r"\(a+\)+", "[(a+]+x", "https?:.*prod.*", "^v\\d{1,3}$"])
def test_a_common_pattern_is_not_taken_for_a_costly_one(pattern: str) -> None:
    assert isinstance(parse(f"/{pattern}/"), Filter)


def test_only_the_first_thousand_characters_of_a_name_are_searched_by_a_pattern() -> None:
    filter_ = parse("/needle/")
    assert isinstance(filter_, Filter)
    assert filter_.matches({"text": "x" * 994 + "needle"})
    assert not filter_.matches({"text": "x" * 995 + "needle"})
