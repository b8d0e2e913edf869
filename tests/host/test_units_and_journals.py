"""Runners are found, and their journals read, on a real systemd."""

import asyncio

from console.fleet.frames import Frame
from console.fleet.locating import places
from console.fleet.scripts import SCRIPTS
from console.operations.journal_lines import JournalLines
from console.remote.ssh import SshHosts
from tests.host.conftest import Host


async def journal(hosts: SshHosts, unit: str, until: str, cursor: str = "-") -> tuple[str, str, list[Frame]]:
    """What comes until those words do: as lines, the last cursor, and notes."""
    lines, text, notes = JournalLines(), b"", []
    lines.cursor = cursor
    async with asyncio.timeout(15), hosts.stream("web", SCRIPTS["journal"], unit, cursor, "200") as frames:
        async for frame in frames:
            if frame.word == "note":
                notes.append(frame)
            text += lines.feed(frame.data) if frame.word == "part" else b""
            if until.encode() in text or (not until and notes):
                break
    return text.decode(), lines.cursor, notes


async def test_a_runner_is_found_by_its_unit_and_by_its_process(host: Host) -> None:
    async with host.ssh.hosts() as hosts:
        answer = await hosts.ask("web", SCRIPTS["find-runners"])
    unit, process = places(answer.frames)
    main = host.machine.run("systemctl", "show", "-P", "MainPID", host.runner.unit)
    assert (unit.kind, unit.name, unit.state, unit.pid) == ("unit", host.runner.unit, "active (running)", int(main))
    assert unit.directory == process.directory == host.runner.root
    assert str(process.pid) in host.machine.pids("Runner.Listener")
    assert unit.files[".runner"] == (host.runner.home / ".runner").read_bytes()


async def test_the_journal_is_followed_and_resumed_by_its_cursor(host: Host) -> None:
    async with host.ssh.hosts() as hosts:
        text, cursor, notes = await journal(hosts, host.runner.unit, "Listening for Jobs")
        assert not notes
        assert "Started listener process, pid: " in text
        assert "systemd[1]: Started " in text
        for number in range(300):
            host.runner.order(do="say", text=f"line {number:03d}")
        text, _, _ = await journal(hosts, host.runner.unit, "line 299", cursor)
    assert [line.partition("Z ")[2] for line in text.splitlines()] == [f"line {number:03d}" for number in range(300)]


async def test_who_may_not_read_the_journal_is_told_so(host: Host) -> None:
    async with host.ssh.hosts("bystander") as hosts:
        text, _, notes = await journal(hosts, host.runner.unit, "")
    assert [note.fields for note in notes] == [("no-rights",)]
    assert text == ""
