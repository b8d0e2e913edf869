"""Two operators at one runner: one acts, the other is told who it is; what stands in the way of that hurts nobody."""

import asyncio
from pathlib import Path

from console.fleet.models import plain
from console.fleet.plans import Refusal
from console.operations.run_plan import Gate, Proposal
from console.operations.undertaking import Ended
from tests.host.acting import gate_on, plan, refusal
from tests.host.acts import acting, acts, invocation, listening, notes, order, refused, said, told
from tests.host.conftest import Host


async def test_two_consoles_at_the_same_moment_restart_once_and_both_are_told_the_truth(own_host: Host) -> None:
    async with gate_on(own_host) as one, gate_on(own_host) as other:
        for number in range(1, 4):
            await listening(own_host, number)
            before = invocation(own_host)
            proposals = await asyncio.gather(plan(one, own_host.runner), plan(other, own_host.runner))
            ended = await asyncio.gather(end(one, proposals[0]), end(other, proposals[1]))
            assert sorted(each.outcome for each in ended) == ["proved", "refused"], ended
            (told_no,) = (plain(each.words) for each in ended if each.outcome == "refused")
            assert "Somebody else is at work on it" in told_no or "started anew" in told_no
            assert len(acts(own_host)) == number
            assert invocation(own_host) != before


async def end(gate: Gate, proposal: Proposal) -> Ended:
    begun = await gate.carry_out(proposal)
    assert not isinstance(begun, Refusal)
    return await begun.end()


async def test_a_second_operator_is_told_who_is_at_work_and_nothing_of_it_stays(own_host: Host) -> None:
    own_host.runner.write_runsvc("sleep 4; ")
    own_host.machine.run("systemctl", "restart", own_host.runner.unit)
    await listening(own_host, 2)
    async with own_host.ssh.hosts() as hosts, acting(hosts, *order(own_host)) as frames:
        first = [await anext(frames)]
        while first[-1].word != "doing":
            first.append(await anext(frames))
        assert [said(first, word).fields for word in ("lock", "note")] == [("held",), ("written",)]
        (note,) = notes(own_host)
        assert own_host.machine.run("stat", "-c", "%a %U", note) == "644 ops"
        text = own_host.machine.run("cat", note)
        assert text.startswith("ops@192.0.2.1: restart, since 20")
        assert len(text.splitlines()) == 1
        second = await told(own_host, *order(own_host), user="seated")
        assert refused(second) == "locked"
        assert said(second, "refused").data.decode().strip() == text
        async with gate_on(own_host) as gate:
            told_no = await refusal(gate, own_host.runner)
        assert told_no == "Somebody else is at work on it: ops@192.0.2.1, restart."
        assert said([frame async for frame in frames], "did").fields == ("0",)
    assert notes(own_host) == []
    assert len(acts(own_host)) == 1


async def test_what_others_plant_where_notes_lie_does_no_harm(own_host: Host) -> None:
    machine = own_host.machine
    begin = note_begins(await first_note(own_host))
    await listening(own_host, 2)
    planted = machine.root / "srv/kept"
    planted.write_text("kept\n")
    planted.chmod(0o666)
    plant = (
        f"ln -s /srv/kept {begin}AAAAAAAA; ln -s / {begin}BBBBBBBB; mkfifo {begin}CCCCCCCC; mkdir {begin}DDDDDDDD; "
        f"printf '\\033]52;c;aGk=\\007' >{begin}EEEEEEEE; chmod 600 {begin}EEEEEEEE; "
        f"touch -d '+1 day' {begin}EEEEEEEE; printf x >'{begin}FF\nFF'"
    )
    machine.run("sh", "-c", plant, user="bystander")
    before = invocation(own_host)
    assert said(await told(own_host, *order(own_host)), "did").fields == ("0",)
    assert invocation(own_host) != before
    assert planted.read_text() == "kept\n"
    assert len(machine.run("find", "/run/lock", "-name", "runner-console.*", "-user", "bystander", "-printf", "x")) == 6
    assert machine.run("find", "/run/lock", "-name", "runner-console.*", "-user", "ops") == ""
    # Held by somebody who left no note of his own, and read by root, who may read all of them.
    machine.run("sh", "-c", f"flock -n {own_host.runner.root}/.service sleep 5 >/dev/null 2>&1 & sleep 0.3")
    second = await told(own_host, *order(own_host), user="root")
    assert refused(second) == "locked"
    assert b"\x1b" not in said(second, "refused").data


async def first_note(host: Host) -> str:
    """What the name of the runner's note is like."""
    async with host.ssh.hosts() as hosts, acting(hosts, *order(host)) as frames:
        found = [names async for frame in frames if frame.word == "checked" and (names := notes(host))]
        return found[0][0]


def note_begins(note: str) -> str:
    assert Path(note).parent == Path("/run/lock")
    return note.rpartition(".")[0] + "."


async def test_where_no_note_can_be_written_and_no_lock_kept_it_is_said_and_done_all_the_same(own_host: Host) -> None:
    machine = own_host.machine
    await listening(own_host)
    machine.run("sh", "-c", filled("/run/lock"))
    crowded = await told(own_host, *order(own_host))
    assert [said(crowded, word).fields for word in ("lock", "note", "did")] == [("held",), ("none",), ("0",)]
    assert notes(own_host) == []
    await listening(own_host, 2)
    machine.run("sh", "-c", f"umount /run/lock; umount /run/lock; rmdir /run/lock; {filled('/tmp')}")
    without = await told(own_host, *order(own_host))
    assert [said(without, word).fields for word in ("lock", "note", "did")] == [("held",), ("none",), ("0",)]
    await listening(own_host, 3)
    (machine.root / "usr/bin/flock").unlink()
    async with gate_on(own_host) as gate:
        proposal = await plan(gate, own_host.runner)
        assert any("keeps no lock" in plain(note) for note in proposal.plan.notes)
        assert (await end(gate, proposal)).outcome == "proved"


def filled(place: str) -> str:
    return f"mount -t tmpfs -o size=4k,nr_inodes=3,mode=1777 tmpfs {place}; head -c 9k /dev/zero >{place}/a || :"
