"""Room is made on the disk of a runner: one directory of it is removed, and only the one that was named."""

from collections.abc import Iterator
from datetime import timedelta

from console.fleet.disk_conditions import RoomMade
from console.fleet.evidence import DirectorySizesOf, Evidence, PlaceOf, ServiceOf
from console.fleet.guided_actions.action import UNANSWERED, on_runner
from console.fleet.guided_actions.new_runner import owner_of
from console.fleet.guided_actions.runs import typed_text
from console.fleet.guided_actions.services import At, about_service, known_runner, not_now
from console.fleet.hosts import DirectorySize, DiskUse
from console.fleet.models import Name, Phrase, Runner, RunnerKey
from console.fleet.plans import OnHost, Plan, Refusal, Unanswered, Until
from console.fleet.scripts import SCRIPTS
from console.fleet.words import sentence, size_in_words

_REMOVES = timedelta(minutes=10)
_SEEN = timedelta(seconds=30)
_SHOWN = 12
_LOGS = "_diag"
_ASKS = "The one directory to remove, written as it is listed."
_LOST = {
    "_work": "What jobs have left there is lost; a job of that repository checks it out anew.",
    "_work/_tool": "Tools that actions have installed are lost; jobs install them anew.",
    "_work/_actions": "Downloaded actions are lost; jobs download them anew.",
    "bin": "An old version of the runner's software, which an update has left, is removed.",
    "externals": "An old version of what the runner's software needs, which an update has left, is removed.",
    _LOGS: "Logs of the runner that were not written to for a day are lost; newer ones stay.",
}


@on_runner("free-disk", "Free disk", causes=("disk-full", "disk-filling", "disk-low"), asks=_ASKS)
def free_disk(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Shows the room on its disk and the largest of its directories, and removes the one that is named."""
    runner = _idle(evidence, key)
    if isinstance(runner, Refusal):
        return runner
    at = At(evidence, runner, evidence.of(ServiceOf(evidence.of(PlaceOf(key)))))
    user = _in_use(at) or owner_of(evidence, at.service.located)
    if isinstance(user, Refusal):
        return user
    use, name = evidence.of(DirectorySizesOf(at.service.located)), evidence.given.strip()
    chosen = next((each for each in use.largest if each.name == name), None)
    if chosen is not None:
        return _planned(at, user, use, chosen)
    listed = sentence(*_listed(use))
    if not name:
        return Unanswered(UNANSWERED.reason, listed)
    return Refusal(("It is none of those that can be removed: ", Name(name), "."), listed)


def _idle(evidence: Evidence, key: RunnerKey) -> Runner | Refusal:
    runner = known_runner(evidence, key)
    if isinstance(runner, Refusal) or not runner.busy:
        return runner
    return Refusal(("It runs a job, which may need any of its directories.",), ("Wait for the job's end.",))


def _in_use(at: At) -> Refusal | None:
    if at.service.of_another:
        return Refusal(("Another runner lives in its directory by now.",), ("Look again, then try once more.",))
    return not_now(at.service)


def _planned(at: At, user: str, use: DiskUse, chosen: DirectorySize) -> Plan:
    located, runner = at.service.located, at.runner
    free = use.free_for(chosen.name)
    address, who = at.service.address or "-", at.evidence.operator or "-"
    values = (located.directory, chosen.name, str(located.agent_id), address, who)
    kept = chosen.name == _LOGS
    why = "It is removed as the user whose it is, unless a worker runs."
    seen = "It is gone, and its disk has more room."
    return Plan(
        "free-disk",
        runner.key,
        ("Remove ", Name(chosen.name), " of ", Name(runner.name)),
        (
            OnHost(located.host, SCRIPTS["remove-directory"], values, (why,), within=_REMOVES),
            Until(RoomMade(located, chosen.name, free or 0, kept), (seen,), _SEEN),
        ),
        hurts=((_lost(chosen.name),),),
        about=(
            *about_service(at),
            ("user", (Name(user),)),
            ("removed", (Name(f"{located.directory}/{chosen.name}"), f", {size_in_words(chosen.size)}")),
            *((f"disk of {_where(each.directory)}", _room(each.free, each.size)) for each in use.disks),
        ),
        notes=_notes(at),
        typed=typed_text(runner.name, str(runner.id)),
        rests_on=(chosen.name, at.service.machine, user),
        before=f"{size_in_words(free or 0)} free, {chosen.name} takes {size_in_words(chosen.size)}",
    )


def _notes(at: At) -> tuple[Phrase, ...]:
    notes: list[Phrase] = []
    if at.service.located.certainty != "proved":
        notes.append(("That this is the runner is likely, not proved: its settings name no GitHub address.",))
    if at.service.lock == "none":
        notes.append(("This host keeps no lock: a second operator would not be seen.",))
    return tuple(notes)


def _lost(name: str) -> str:
    """What goes with it."""
    return _LOST.get(name) or _LOST[name.partition("/")[0].partition(".")[0]]


def _listed(use: DiskUse) -> Iterator[Phrase]:
    """What there is to choose from."""
    for disk in use.disks:
        yield (f"{_where(disk.directory)}: ", *_room(disk.free, disk.size), "\n")
    if not use.largest:
        yield ("Nothing was found that can be removed.",)
    for number, each in enumerate(use.largest[:_SHOWN]):
        yield ("\n" if number else "", f"{size_in_words(each.size):>8}  ", Name(each.name))


def _room(free: int, size: int) -> Phrase:
    return (f"{size_in_words(free)} free of {size_in_words(size)}",)


def _where(directory: str) -> str:
    return "its _work" if directory.endswith("/_work") else "its directory"
