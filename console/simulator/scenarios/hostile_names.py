"""Every name is out to steer the terminal, the markup or the program."""

from collections.abc import Sequence
from functools import partial

from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job
from console.simulator.scenarios import Scenario
from console.simulator.workflows import JobPlan, WorkflowPlan
from console.simulator.world import World

HOSTILE = (
    "[/x]",
    "[@click=app.quit]quit[/]",
    "[bold red on white]loud[/bold red on white]",
    "[link=file:///etc/passwd]here[/link]",
    "\x1b]0;title by BEL\x07",
    "\x1b]0;title by ST\x1b\\",
    "\x1b]52;c;Y2xpcGJvYXJk\x07",
    "\x1b]8;;https://example.invalid\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H\x1b[?1049l",
    "\x1bPq#0;2;0;0;0\x1b\\",
    "\x9b31mC1 CSI\x9bm",
    "\x9d0;C1 OSC\x9c",
    "\u202egnp.exe",
    "\u2066isolated\u2069\u200f",
    "zero\u200bwidth\u200d\ufeff\u2060",
    "two\nlines\r\nand\ttabs",
    "nul\x00bell\x07back\x08delete\x7f",
    "e" + "\u0301" * 60,
    "👩‍👩‍👧‍👦 ｗｉｄｅ 漢字",
    "\U000e0041\U000e0042tags\U000e007f",
    "$(reboot) `id` ; rm -rf / & %s {0} ../../etc",
    "--help",
    "   ",
    "x" * 255,
    ("[@click=app.quit]\x1b]0;" * 12)[:255],
)
IN_A_LOG = (
    "##[endgroup]",
    "##[group]",
    "##[group]never ended",
    "no text: \udcff\udcfe\udc80 and half a sign \udcf0\udc9f\udc98",
    "progress \x1b[32m10%\x1b[0m\r20%\r\x1b[K30%",
    "colours \x1b[1;31mthat\x1b[48;2;1;2;3m never end \x1b[38;5",
    "unfinished \x1b",
    "2031-02-31T99:99:99.0000000Z a time that is none",
    "a secret: ghp_" + "0123456789" * 4,
    "##[warning]" + "[/x] [@click=app.quit]" * 40,
    "e" + "\u0301" * 5_000,
    "\u202e" * 500,
    "x" * 200_000,
)
"""What only logs hold; a half of a pair stands for a byte that is no text."""


def prints(job: Job, step: str) -> Sequence[str] | None:
    """Everything, and in the end the job's own name as an error."""
    if step not in job.plan.steps:
        return None
    return (*HOSTILE, *IN_A_LOG, *(f"##[error]{text}" for text in HOSTILE if text in job.name))


def build(clock: WorldClock) -> World:
    """For each of them a group, a runner, a label and a workflow with a running, a queued and a finished job."""
    world = World(clock, seed=3)
    world.add_account("acme")
    world.add_repository("acme/web", description=HOSTILE[1])
    for number, text in enumerate(HOSTILE):
        group = world.add_group("acme", text, workflows=(text,) if number % 7 == 6 else None)
        system = text if number % 3 == 2 else "Linux"
        runner = world.add_runner(text, system, ("self-hosted", text), group=group, version=text)
        if number % 5 == 4:
            world.timeline.at(world.opens_at, partial(world.set_status, runner, text))
        for ago, seconds in ((19, (60.0, 90.0)), (16, (7200.0, 9000.0)), (8, (60.0, 90.0))):
            plan = JobPlan(text, ("self-hosted", text), seconds, (text, "Build"), matrix=(text,), prints=prints)
            path = f".github/workflows/{text}.yml"
            workflow = WorkflowPlan(text, path, (plan,), "push", (text,), (text,), fails=0.3)
            world.start_run_ago("acme/web", workflow, minutes=ago)
    world.advance()
    return world


def solved(_world: World) -> bool:
    """There is nothing to solve; there is much to survive."""
    return True


SCENARIO = Scenario(
    "hostile-names",
    "Hostile names",
    "Escape sequences, markup, bidirectional tricks and worse in every name.",
    build,
    solved,
)
