"""`act`: a guided action without a screen. The same plan, gate, guards and record."""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

import click

from console.cli.asked import asked_for
from console.cli.facts import as_json_option, tell_progress
from console.cli.json_values import no_answer
from console.cli.output import print_aside, print_json, print_lines, print_progress
from console.cli.parts import Called
from console.errors import EXIT_HEALTHY, ConsoleError, UsageError, printable
from console.fleet.guided_actions import GUIDED_ACTIONS, GuidedAction, about
from console.fleet.history import Outcome, PartOutcome
from console.fleet.models import FleetSnapshot, JobKey, plain
from console.fleet.plan_text import part_text
from console.fleet.plans import OnHost, Plan, Refusal, Target, Unanswered
from console.operations.run_plan import Gate
from console.operations.undertaking import Ended, PartBegan, PartEnded, Said, Undertaking

EXIT_REFUSED = 1
EXIT_FAILED = 4
EXIT_NOT_PROVED = 5
_CODES: dict[Outcome, int] = {
    "proved": EXIT_HEALTHY,
    "refused": EXIT_REFUSED,
    "stopped": EXIT_REFUSED,
    "failed": EXIT_FAILED,
    "not-proved": EXIT_NOT_PROVED,
    "unknown": EXIT_NOT_PROVED,
}
CODES = (
    "Exit code 0: proved, or with --dry-run: it can be done; 1: refused, nothing was done; 2: usage; 3: the fleet "
    "could not be read; 4: failed; 5: done but not proved, or not known; 70: a fault of the console."
)


class _Asked(NamedTuple):
    """What the command line asks for."""

    action: GuidedAction
    words: str
    """The target."""
    given: str
    expected: int | None
    """The target's id, where it is to be done; None: only the plan is wanted."""


def _list(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        widest = max(map(len, GUIDED_ACTIONS))
        for action in GUIDED_ACTIONS.values():
            click.echo(f"{action.id:{widest}} {action.about:6} {action.says}")
        ctx.exit()


@click.command(epilog=CODES)
@click.argument("name", metavar="ACTION")
@click.argument("target", metavar="RUNNER_JOB_OR_RUN...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Print the plan, word for word, and do nothing.")
@click.option("--yes", is_flag=True, help="Agree to the plan without being asked. Takes --expect-id.")
@click.option("--expect-id", type=int, help="The id of what is meant: with another one nothing is done.")
@click.option("--with", "given", default="", metavar="TEXT", help="What the action asks for, such as labels.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="Print every action.")
@as_json_option
@click.pass_obj
def act(
    called: Called,
    name: str,
    target: tuple[str, ...],
    *,
    dry_run: bool,
    yes: bool,
    expect_id: int | None,
    given: str,
    as_json: bool,
) -> int:
    """A guided action: its plan with --dry-run; with --yes --expect-id ID it is carried out, proved and recorded.

    A run is named as for `explain`. Changing something needs --write, or read_only = false for the context.
    """
    action = _action(name)
    if dry_run == yes or (yes and expect_id is None):
        raise UsageError(
            "Say --dry-run, or --yes with --expect-id",
            "--dry-run prints the plan, and the id of what is meant, which --expect-id then names.",
        )
    asked = _Asked(action, " ".join(target), given, expect_id if yes else None)
    try:
        return asyncio.run(_act(called, asked, _Answer(as_json)))
    except ConsoleError as error:
        if as_json:
            print_json(no_answer(error))
        raise


def _action(name: str) -> GuidedAction:
    found = GUIDED_ACTIONS.get(name)
    if found is None:
        from difflib import get_close_matches  # only for who misspelt

        close = get_close_matches(name, GUIDED_ACTIONS, n=1)
        hint = f"Did you mean {close[0]}?" if close else "`runner-console act --list` prints them all."
        raise UsageError(f"There is no action “{printable(name, 60)}”", hint)
    return found


async def _act(called: Called, asked: _Asked, answer: "_Answer") -> int:
    connection = await called.parts.connector(called.options).open(called.options.context)
    try:
        look = await connection.watch.first_whole_look(tell_progress)
        print_progress("")
        return await _through(connection.gate, asked, _target(look.snapshot, asked), answer)
    finally:
        print_progress("")
        await connection.close()


def _target(snapshot: FleetSnapshot, asked: _Asked) -> Target:
    found: Target = asked_for(snapshot, asked.words)
    wanted = asked.action.about
    if wanted == "run" and isinstance(found, JobKey):
        found = snapshot.jobs[found].run_key
    if about(found) != wanted:
        raise UsageError(
            f"“{printable(asked.words, 100)}” is a {about(found)}; {asked.action.title} is done to a {wanted}",
            "`runner-console act --list` says what each action is done to.",
        )
    return found


async def _through(gate: Gate, asked: _Asked, target: Target, answer: "_Answer") -> int:
    proposal = await gate.propose(asked.action, target, asked.given)
    if isinstance(proposal, Unanswered):
        known = ("\n", *proposal.helps) if proposal.helps else ()
        return answer.refused(Refusal(proposal.reason, (f"Write it with --with. {asked.action.asks}", *known)))
    if isinstance(proposal, Refusal):
        return answer.refused(proposal)
    answer.plan(proposal.plan, word_for_word=asked.expected is None)
    if asked.expected is None:
        return answer.dry()
    if asked.expected != target.id:
        words = f"Its id is {target.id}, not {asked.expected}: it may be another one than you meant."
        return answer.refused(Refusal((words,)))
    begun = await gate.carry_out(proposal, proposal.plan.typed)
    return answer.refused(begun) if isinstance(begun, Refusal) else await answer.follow(begun)


class _Answer:
    """What is printed: lines as things happen, or one JSON document at the end."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._told: dict[str, Any] = {}

    def plan(self, plan: Plan, *, word_for_word: bool) -> None:
        """Of what was agreed to beforehand the scripts are not printed once more; the history has them."""
        self._told = {
            "action": plan.action,
            "target_id": plan.target.id,
            "title": plain(plan.title),
            "hurts": [plain(each) for each in plan.hurts],
            "about": {name: plain(value) for name, value in plan.about},
            "notes": [plain(each) for each in plan.notes],
            "parts": [{"text": part_text(part).whole, "why": plain(part.why)} for part in plan.parts],
        }
        if not self._as_json:
            print_lines(_plan_lines(plan, word_for_word=word_for_word))

    def dry(self) -> int:
        """Nothing more is done."""
        if self._as_json:
            print_json({"exit_code": EXIT_HEALTHY, "error": None, "outcome": "planned", **self._told})
        return EXIT_HEALTHY

    def refused(self, refusal: Refusal) -> int:
        """Nothing was done."""
        return self._end(Ended("refused", refusal.reason, refusal.helps))

    async def follow(self, undertaking: Undertaking) -> int:
        """Until it has ended."""
        async for event in undertaking.follow():
            match event:
                case PartBegan(index):
                    self._say(f"{index + 1}. {plain(undertaking.plan.parts[index].why)}")
                case Said(_, words):
                    self._say(f"   {plain(words)}")
                case PartEnded(_, outcome, words):
                    self._say(f"   {_ended(outcome, plain(words))}")
        return self._end(await undertaking.end())

    def _say(self, words: str) -> None:
        if self._as_json:
            print_aside(words)
        else:
            print_lines([words])

    def _end(self, ended: Ended) -> int:
        code = _CODES[ended.outcome]
        if self._as_json:
            said = {"outcome": ended.outcome, "words": plain(ended.words), "helps": plain(ended.helps)}
            print_json({"exit_code": code, "error": None, **said, **self._told})
            return code
        print_lines([f"{ended.outcome.replace('-', ' ')}: {plain(ended.words)}"])
        print_lines(f"helps: {line}" if number == 0 else line for number, line in _numbered(plain(ended.helps)))
        return code


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(text.splitlines())


def _ended(outcome: PartOutcome, words: str) -> str:
    said = outcome.replace("-", " ")
    return said if words.rstrip(".").casefold() == said else f"{said}: {words}"


def _plan_lines(plan: Plan, *, word_for_word: bool) -> Iterator[str]:
    yield f"{plain(plan.title)} (id {plan.target.id})"
    for hurt in plan.hurts:
        yield f"could hurt: {plain(hurt)}"
    for name, value in plan.about:
        yield f"{name}: {plain(value)}"
    for note in plan.notes:
        yield f"note: {plain(note)}"
    for number, part in enumerate(plan.parts, 1):
        text = part_text(part)
        yield ""
        yield f"{number}. {plain(part.why)}"
        yield f"   {text.head}"
        lines = text.body.splitlines()
        if word_for_word or not isinstance(part, OnHost):
            yield from (f"   | {line}" for line in lines)
        elif lines:
            yield f"   and {len(lines)} lines; --dry-run prints them"
        yield from (f"   | *** ({kind})" for kind in text.secrets)
    yield ""
