"""What holds for every guided action, whatever it does."""

import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from console.fleet.calls import sendable
from console.fleet.evidence import Ungathered
from console.fleet.guided_actions import GUIDED_ACTIONS, GuidedAction
from console.fleet.models import plain
from console.fleet.plan_text import part_text
from console.fleet.plans import Call, OnHost, Plan, Refusal, Target, Until
from console.remote.sanitize import text
from tests.fleet.any_facts import AnyFacts, hostile_worlds, worlds

HOSTILE = (
    "\x1b[2J; rm -rf /",
    "a\u202eb $(reboot)",
    "../../runners/9?force=true#x",
    "'; reboot; '",
    "**bold** [link](x) [red]",
    "x" * 3_000,
    "..",
    "",
    "runner01 ✓ idle\nok",
)
EVERY = pytest.mark.parametrize("action", GUIDED_ACTIONS.values(), ids=lambda action: action.id)


def target_of(action: GuidedAction, world: AnyFacts) -> Target:
    targets: dict[str, Target] = {"runner": world.runner.key, "job": world.jobs[0].key, "run": world.run.key}
    return targets[action.about]


def planned(action: GuidedAction, world: AnyFacts) -> Plan | Refusal:
    try:
        return action.plan(world.evidence(), target_of(action, world))
    except Ungathered as wanted:
        raise AssertionError(
            f"{action.id} asks for {wanted.fact}, which tests/fleet/any_facts.py does not answer"
        ) from None


def plans(action: GuidedAction) -> Iterator[Plan]:
    for world in worlds().values():
        found = planned(action, world)
        if isinstance(found, Plan):
            yield found


def test_ids_and_titles_are_each_given_once() -> None:
    titles = [action.title for action in GUIDED_ACTIONS.values()]
    assert len({*titles}) == len(titles)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in GUIDED_ACTIONS)
    assert all(name == action.id for name, action in GUIDED_ACTIONS.items())


@EVERY
def test_it_says_in_one_sentence_what_it_does(action: GuidedAction) -> None:
    assert re.fullmatch(r"[A-Z][^.!?]+\.", action.says), action.says
    assert action.title[0].isupper()
    assert not action.title.endswith(".")


@EVERY
def test_it_can_be_done_somewhere_and_ends_with_its_proof(action: GuidedAction) -> None:
    found = [*plans(action)]
    assert found, "tests/fleet/any_facts.py has no world in which it could be done"
    for plan in found:
        assert plan.action == action.id
        assert isinstance(plan.parts[-1], Until)
        assert any(isinstance(part, Call | OnHost) for part in plan.parts)
        assert plan.rests_on
        assert plan.hurts
        assert plan.about
        assert all(plain(part.why) for part in plan.parts)
        assert hash(plan.rests_on)


@EVERY
def test_it_is_refused_in_words_where_its_target_is_gone(action: GuidedAction) -> None:
    refusal = planned(action, AnyFacts(gone=True))
    assert isinstance(refusal, Refusal)
    assert plain(refusal.reason).strip()


@EVERY
@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_things_are_called_it_neither_fails_nor_sends_what_is_not_known_to_the_letter(
    action: GuidedAction, name: str
) -> None:
    for world in hostile_worlds(text(name)).values():
        found = planned(action, world)
        if isinstance(found, Refusal):
            assert plain(found.reason).strip()
            continue
        assert all(part_text(part).whole for part in found.parts)
        assert found.typed.isprintable()
        for call in (part for part in found.parts if isinstance(part, Call)):
            assert sendable(unquote(call.path))
            assert not {".", ".."} & {*call.path.partition("?")[0].split("/")}
            assert sendable(json.dumps(call.body, ensure_ascii=False))
