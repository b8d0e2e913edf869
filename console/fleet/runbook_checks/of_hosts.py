"""Checks of the host of the runner that a walk is about, by what it said last; nobody asks it for a check."""

from collections.abc import Callable
from datetime import timedelta

from console.fleet.disk_course import LOW
from console.fleet.host_evidence import HostEvidence
from console.fleet.hosts import DiskSpace, HostFacts
from console.fleet.models import Age, Name, Phrase, Runner
from console.fleet.runbook_checks.check import Checked, Judge, check, of_runner
from console.fleet.runbook_leads import Seen
from console.fleet.words import named, sentence, several, size_in_words

OLD = timedelta(minutes=5)
"""What a host said longer ago says nothing of now: it is asked every two minutes, and anew after each action."""


def _of_host(judge: Callable[[HostEvidence, HostFacts], Checked]) -> Judge:
    """A check of what the host of the walk's runner says."""

    def judged(seen: Seen, runner: Runner) -> Checked:
        evidence = seen.hosts.get(runner.key)
        if evidence is None:
            return Checked(None, ("The host of ", Name(runner.name), " has not been asked yet."))
        if evidence.facts is None:
            return Checked(
                None, sentence("Nothing is known of the host of ", Name(runner.name), ": ", Name(evidence.unknown))
            )
        now = seen.snapshot.taken_at
        ago = now - evidence.facts.taken_at
        if ago > OLD:
            return Checked(
                None, ("It cannot be relied on: ", Name(evidence.host), " was asked ", Age(ago, now), " ago.")
            )
        found = judge(evidence, evidence.facts)
        return Checked(found.met, (*found.found, " Asked ", Age(ago, now), " ago."))

    judged.__doc__ = judge.__doc__
    return of_runner(judged)


@check("service-active", of_host=True)
@_of_host
def service_active(evidence: HostEvidence, facts: HostFacts) -> Checked:
    """The runner's service is active on its host."""
    unit, host = facts.located.unit or facts.located.service, Name(evidence.host)
    if not unit:
        return Checked(None, ("No service of its own was found for it on ", host, "."))
    if not facts.unit_state:
        return Checked(None, ("The state of its service on ", host, " could not be read."))
    ended: Phrase = (", ", Name(facts.exit_line.rstrip("."))) if facts.exit_line and not facts.listeners else ()
    said = sentence("Its service on ", host, " is ", Name(facts.unit_state), *ended, ".")
    return Checked(facts.unit_state.startswith("active"), said)


@check("listener-runs", of_host=True)
@_of_host
def listener_runs(evidence: HostEvidence, facts: HostFacts) -> Checked:
    """One listener of the runner runs on its host, and no second one."""
    return Checked(len(facts.listeners) == 1, _running(len(facts.listeners), "listener", evidence))


@check("no-worker-runs", of_host=True)
@_of_host
def no_worker_runs(evidence: HostEvidence, facts: HostFacts) -> Checked:
    """No worker of the runner runs on its host: nothing there would be cut off."""
    return Checked(not facts.workers, _running(len(facts.workers), "worker", evidence))


@check("disk-has-room", of_host=True)
@_of_host
def disk_has_room(evidence: HostEvidence, facts: HostFacts) -> Checked:
    """The runner's disks have room: 5 GB, or a twentieth of a small one."""
    if not facts.disks:
        return Checked(None, ("The room on the disks of ", Name(evidence.host), " could not be read."))
    short = [disk for disk in facts.disks if disk.free < min(LOW, disk.size // 20)]
    told = [_room(disk) for disk in short or facts.disks]
    return Checked(not short, sentence("Room on ", Name(evidence.host), ": ", *named(told), "."))


@check("software-replaced", of_host=True)
@_of_host
def software_replaced(evidence: HostEvidence, facts: HostFacts) -> Checked:
    """The runner's software was replaced on its host since its listener last wrote.

    Where it was not, nobody knows: it may have been started since, or be made anew elsewhere.
    """
    host = Name(evidence.host)
    if facts.renewed:
        return Checked(True, ("Its software on ", host, " was replaced since its listener last wrote."))
    ran: Phrase = (": ", Name(facts.version)) if facts.version else ()
    return Checked(None, sentence("Its software on ", host, " is what its listener last ran", *ran, "."))


def _running(number: int, what: str, evidence: HostEvidence) -> Phrase:
    says = several(number, f"{what} of it runs", f"{what}s of it run") if number else f"No {what} of it runs"
    return (f"{says} on ", Name(evidence.host), ".")


def _room(disk: DiskSpace) -> str:
    return f"{disk.directory} {size_in_words(disk.free)} of {size_in_words(disk.size)}"
