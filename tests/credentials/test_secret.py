import copy
import json
import pickle
import traceback

import pytest

from console.credentials.secret import Secret, child_environment, secret_from, take_environment

CANARY = "ghp_" + "c4nary" * 6


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(CANARY)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        f"{secret:>10}",
        "{}".format(*[secret]),
        repr({"a": secret}),
    ]
    assert CANARY not in "".join(shown)
    assert str(secret) == "***"
    assert CANARY not in secret.fingerprint
    assert secret.reveal() == CANARY
    with pytest.raises(TypeError):
        vars(secret)


@pytest.mark.parametrize("store", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_a_secret_cannot_be_stored_or_copied(store: object) -> None:
    assert callable(store)
    with pytest.raises(TypeError) as caught:
        store(Secret(CANARY))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_secret_equals_its_like_and_never_a_text() -> None:
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("other")
    assert (Secret(CANARY) == CANARY) is False
    assert len({Secret(CANARY), Secret(CANARY)}) == 1


@pytest.mark.parametrize("text", ["", "  \n", "two words", "ghp_\x1b[2J", "ghp_é", "x" * 9000, "a\nb"])
def test_what_cannot_be_a_token_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it ") as caught:
        secret_from(text)
    assert text.strip() == "" or text not in str(caught.value)


def test_a_token_may_be_long_and_end_with_a_line() -> None:
    long = "ghs_123456_" + "e" * 520
    assert secret_from(f"{long}\n").reveal() == long


def test_children_get_no_tokens_and_this_process_keeps_none() -> None:
    environ = {"PATH": "/bin", "GH_TOKEN": "a", "GITHUB_TOKEN": "b", "RUNNER_CONSOLE_TOKEN": "c", "GH_HOST": "h"}
    assert child_environment(environ) == {"PATH": "/bin", "GH_HOST": "h"}
    taken = take_environment(environ)
    assert taken["GH_TOKEN"] == "a"
    assert environ == {"PATH": "/bin", "GH_HOST": "h"}
