"""Scripts that follow something, in real shells on a real tree."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from console.fleet.frames import Frame
from console.fleet.scripts import SCRIPTS
from tests.local_hosts import SHELLS, Follower, LocalHosts

FIRST, SECOND, THIRD = (f"Runner_20260902-05140{number}-utc.log" for number in (1, 2, 3))
TIMELINE, JOB, STEP = (f"5b3c1d2e-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
DIAG, OUTPUT = SCRIPTS["diag-log"], SCRIPTS["job-output"]


@pytest.fixture(params=SHELLS)
def hosts(request: pytest.FixtureRequest) -> LocalHosts:
    return LocalHosts(request.param)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "_diag" / "pages").mkdir(parents=True)
    return tmp_path


class Heard:
    """What a stream has said: the bytes of each file, and all else in its order."""

    def __init__(self, frames: AsyncIterator[Frame]) -> None:
        self._frames = frames
        self.bytes: dict[tuple[str, str], bytearray] = {}
        self.said: list[tuple[str, ...]] = []
        self.gaps: list[Frame] = []

    def take(self, frame: Frame) -> None:
        if frame.word == "rest":
            return
        if frame.word != "part":
            self.said.append((frame.word, *frame.fields))
            return
        name, inode, offset = frame.fields
        known = self.bytes.setdefault((name, inode), bytearray())
        if int(offset) != len(known):
            self.gaps.append(frame)
        known += frame.data

    async def until(self, enough: Callable[[], bool], seconds: float = 60) -> None:
        async with asyncio.timeout(seconds):
            while not enough():
                self.take(await anext(self._frames))

    def of(self, name: str) -> bytes:
        return b"".join(bytes(data) for (each, _), data in self.bytes.items() if each == name)


def left(process: Follower) -> list[str]:
    """What still runs in the process group of a script."""
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True)
    rows = (row.split(None, 2) for row in listed.stdout.splitlines())
    return [row[2] for row in rows if row[0] == str(process.pid) and not row[1].startswith("Z")]


def named(root: Path) -> list[str]:
    """The shells that were given that directory."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "stat=,args="], capture_output=True, text=True, check=True)
    rows = (row.split(None, 1) for row in listed.stdout.splitlines())
    return [row[1] for row in rows if len(row) == 2 and f"-- {root} " in row[1] and not row[0].startswith("Z")]


async def nothing_left(process: Follower) -> None:
    async with asyncio.timeout(60):
        while left(process):
            await asyncio.sleep(0.05)


async def test_a_log_is_said_from_its_beginning_and_as_it_grows(hosts: LocalHosts, root: Path) -> None:
    log = root / "_diag" / FIRST
    log.write_bytes(b"one\n")
    async with hosts.stream("h", DIAG, str(root), "Runner", "-", "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: heard.of(FIRST) == b"one\n")
        with log.open("ab") as more:
            more.write(b"two, and a half li")
        await heard.until(lambda: heard.of(FIRST).endswith(b"half li"))
        with log.open("ab") as more:
            more.write(b"ne\n")
        await heard.until(lambda: heard.of(FIRST) == b"one\ntwo, and a half line\n")
    assert heard.said == []
    assert list(heard.bytes) == [(FIRST, str(log.stat().st_ino))]


async def test_the_newest_log_is_followed_and_then_those_after_it_in_their_order(hosts: LocalHosts, root: Path) -> None:
    (root / "_diag" / FIRST).write_bytes(b"old\n")
    (root / "_diag" / SECOND).write_bytes(b"second\n")
    async with hosts.stream("h", DIAG, str(root), "Runner", "-", "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: heard.of(SECOND) == b"second\n")
        with (root / "_diag" / SECOND).open("ab") as more:
            more.write(b"last words\n")
        (root / "_diag" / THIRD).write_bytes(b"third\n")
        await heard.until(lambda: heard.of(THIRD) == b"third\n")
    assert heard.of(SECOND) == b"second\nlast words\n"
    assert heard.of(FIRST) == b""
    assert heard.said == [("next", THIRD)]


async def test_a_log_that_does_not_exist_yet_is_waited_for(hosts: LocalHosts, tmp_path: Path) -> None:
    async with hosts.stream("h", DIAG, str(tmp_path / "r"), "Worker", "-", "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: heard.said == [("note", "no-directory")])
        (tmp_path / "r" / "_diag").mkdir(parents=True)
        await heard.until(lambda: heard.said == [("note", "no-directory"), ("note", "no-file")])
        name = FIRST.replace("Runner", "Worker")
        (tmp_path / "r" / "_diag" / name).write_bytes(b"a job\n")
        await heard.until(lambda: heard.of(name) == b"a job\n")


async def test_an_interrupted_log_goes_on_at_the_very_byte_by_inode_and_offset(hosts: LocalHosts, root: Path) -> None:
    log = root / "_diag" / FIRST
    content = os.urandom(200_000)
    log.write_bytes(content)
    (root / "_diag" / SECOND).write_bytes(b"newer\n")
    inode = str(log.stat().st_ino)
    for offset in (1, 65_535, 65_536, 131_073, 200_000):
        async with hosts.stream("h", DIAG, str(root), "Runner", FIRST, inode, str(offset)) as frames:
            heard = Heard(frames)
            await heard.until(lambda heard=heard: heard.of(SECOND) == b"newer\n")  # type: ignore[misc]
        assert heard.of(FIRST) == content[offset:]


async def test_a_file_that_is_gone_when_it_is_to_go_on_is_said_and_the_next_one_follows(
    hosts: LocalHosts, root: Path
) -> None:
    (root / "_diag" / SECOND).write_bytes(b"next\n")
    async with hosts.stream("h", DIAG, str(root), "Runner", FIRST, "77", "10") as frames:
        heard = Heard(frames)
        await heard.until(lambda: heard.of(SECOND) == b"next\n")
    assert heard.said == [("gone", FIRST), ("next", SECOND)]


async def test_another_file_of_the_same_name_is_said_from_its_beginning(hosts: LocalHosts, root: Path) -> None:
    log = root / "_diag" / FIRST
    log.write_bytes(b"first\n")
    async with hosts.stream("h", DIAG, str(root), "Runner", "-", "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: heard.of(FIRST) == b"first\n")
        with log.open("ab") as held:
            other = root / "other"
            other.write_bytes(b"rotated\n")
            held.write(b"the end\n")
            held.flush()
            other.replace(log)
        await heard.until(lambda: heard.of(FIRST).endswith(b"rotated\n"))
    assert heard.of(FIRST) == b"first\nthe end\nrotated\n"
    assert len(heard.bytes) == 2


async def test_a_log_that_was_emptied_begins_anew_and_that_is_said(hosts: LocalHosts, root: Path) -> None:
    log = root / "_diag" / FIRST
    log.write_bytes(b"a long beginning\n")
    async with hosts.stream("h", DIAG, str(root), "Runner", "-", "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: heard.of(FIRST) == b"a long beginning\n")
        log.write_bytes(b"short\n")
        await heard.until(lambda: heard.of(FIRST).endswith(b"short\n"))
    assert heard.said == [("note", "truncated", FIRST)]


async def test_a_page_that_is_deleted_is_said_to_its_last_byte_and_the_next_page_joins_on(
    hosts: LocalHosts, root: Path
) -> None:
    pages = root / "_diag" / "pages"
    first, second, ninth, tenth = (pages / f"{TIMELINE}_{JOB}_{number}.log" for number in (1, 2, 9, 10))
    (pages / f"{TIMELINE}_{STEP}_1.log").write_bytes(b"only a step\n")
    first.write_bytes(b"one\n")
    async with hosts.stream("h", OUTPUT, str(root), JOB, "-", "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: heard.of(first.name) == b"one\n")
        with first.open("ab") as more:
            more.write(b"a cut li")
        first.unlink()
        await heard.until(lambda: heard.said == [("gone", first.name)])
        assert heard.of(first.name) == b"one\na cut li"
        second.write_bytes(b"ne\n")
        await heard.until(lambda: heard.of(second.name) == b"ne\n")
        tenth.write_bytes(b"ten\n")
        await heard.until(lambda: heard.of(tenth.name) == b"ten\n")
        ninth.write_bytes(b"late\n")
    assert heard.said == [("gone", first.name), ("next", second.name), ("next", tenth.name)]


async def test_pages_follow_by_number_and_not_by_spelling(hosts: LocalHosts, root: Path) -> None:
    pages = root / "_diag" / "pages"
    for number in (2, 9, 10, 11):
        (pages / f"{TIMELINE}_{JOB}_{number}.log").write_bytes(f"{number}\n".encode())
    (pages / f"{TIMELINE}_{JOB}_3x.log").write_bytes(b"no page\n")
    async with hosts.stream("h", OUTPUT, str(root), JOB, "-", "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: heard.of(f"{TIMELINE}_{JOB}_11.log") == b"11\n")
    assert b"".join(map(bytes, heard.bytes.values())) == b"2\n9\n10\n11\n"


async def test_five_megabytes_a_second_arrive_without_a_lost_or_doubled_byte(hosts: LocalHosts, root: Path) -> None:
    log = root / "_diag" / FIRST
    log.touch()
    lines = [f"{number:09d} {'x' * 500}\n".encode() for number in range(20_000)]

    async def chatter() -> None:
        with log.open("ab") as file:
            for start in range(0, len(lines), 500):
                file.write(b"".join(lines[start : start + 500]))
                file.flush()
                await asyncio.sleep(0.05)

    async with hosts.stream("h", DIAG, str(root), "Runner", "-", "0", "0") as frames:
        heard = Heard(frames)
        writing = asyncio.create_task(chatter())
        await heard.until(lambda: len(heard.of(FIRST)) >= 511 * len(lines))
        await writing
    assert heard.of(FIRST) == b"".join(lines)
    assert heard.gaps == []


async def test_links_and_odd_names_are_never_followed(hosts: LocalHosts, root: Path) -> None:
    diag = root / "_diag"
    (root / "secret").write_bytes(b"SECRET\n")
    (diag / THIRD).symlink_to(root / "secret")
    os.mkfifo(diag / SECOND)
    touched = root / "touched"
    for name in (
        f"$(touch {touched})".replace("/", "|"),
        "-rf",
        "Runner_$(id)-utc.log",
        "Runner_20260902-051409-utc.log\n",
        "Runner_20260902-051409-utc.log\x1b[2J",
        "Runner_2026090x-051409-utc.log",
        "Runner_20260902-051409-utc.log.bak",
    ):
        (diag / name).write_bytes(b"SECRET\n")
    (diag / FIRST).write_bytes(b"plain\n")
    async with hosts.stream("h", DIAG, str(root), "Runner", "-", "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: heard.of(FIRST) == b"plain\n")
        (diag / FIRST).unlink()
        (diag / FIRST).symlink_to(root / "secret")
        await heard.until(lambda: heard.said == [("gone", FIRST)])
        with pytest.raises(TimeoutError):
            await heard.until(lambda: False, 1.2)
    assert list(heard.bytes) == [(FIRST, next(iter(heard.bytes))[1])]
    assert not touched.exists()


@pytest.mark.parametrize("part", ["_diag", "pages"])
async def test_a_directory_that_is_a_link_to_elsewhere_is_not_entered(
    hosts: LocalHosts, tmp_path: Path, part: str
) -> None:
    elsewhere, root = tmp_path / "elsewhere", tmp_path / "r"
    (elsewhere / "pages").mkdir(parents=True)
    root.mkdir()
    (elsewhere / "pages" / f"{TIMELINE}_{JOB}_1.log").write_bytes(b"SECRET\n")
    if part == "_diag":
        (root / "_diag").symlink_to(elsewhere)
    else:
        (root / "_diag").mkdir()
        (root / "_diag" / "pages").symlink_to(elsewhere / "pages")
    async with hosts.stream("h", OUTPUT, str(root), JOB, "-", "0", "0") as frames:
        heard = Heard(frames)
        with pytest.raises(TimeoutError):
            await heard.until(lambda: bool(heard.bytes), 1.5)
    assert heard.said == [("note", "no-directory")]


async def test_the_root_itself_may_be_reached_by_a_link(hosts: LocalHosts, root: Path, tmp_path: Path) -> None:
    (root / "_diag" / FIRST).write_bytes(b"plain\n")
    (tmp_path / "link").symlink_to(root)
    async with hosts.stream("h", DIAG, str(tmp_path / "link"), "Runner", "-", "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: heard.of(FIRST) == b"plain\n")


async def test_the_end_of_input_ends_all_that_a_follower_began_at_once(hosts: LocalHosts, root: Path) -> None:
    (root / "_diag" / FIRST).write_bytes(b"x\n")
    async with hosts.stream("h", DIAG, str(root), "Runner", "-", "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: bool(heard.bytes))
        (process,) = hosts.running
        assert left(process)
        process.end_input()
        await nothing_left(process)


async def test_a_follower_in_somebody_elses_process_group_ends_without_harm_to_it(
    hosts: LocalHosts, root: Path
) -> None:
    (root / "_diag" / FIRST).write_bytes(b"x\n")
    hosts.leads = False
    async with hosts.stream("h", DIAG, str(root), "Runner", "-", "0", "0") as frames:
        await Heard(frames).until(lambda: True)
        assert named(root)
    async with asyncio.timeout(60):
        while named(root):
            await asyncio.sleep(0.05)


async def test_a_follower_ends_although_nobody_takes_what_it_says(hosts: LocalHosts, root: Path) -> None:
    (root / "_diag" / FIRST).write_bytes(bytes(8_000_000))
    hosts.silent, hosts.patience = True, 4
    async with hosts.stream("h", DIAG, str(root), "Runner", "-", "0", "0"):
        (process,) = hosts.running
        assert left(process), "it runs until then"
        await nothing_left(process)


async def test_a_follower_ends_when_no_heartbeat_comes_and_goes_on_while_they_come(
    hosts: LocalHosts, root: Path
) -> None:
    (root / "_diag" / FIRST).write_bytes(b"x\n")
    hosts.patience = 6
    async with hosts.stream("h", DIAG, str(root), "Runner", "-", "0", "0"):
        (process,) = hosts.running
        await asyncio.sleep(7)
        assert left(process)
        hosts.silent = True
        await nothing_left(process)


async def test_the_output_of_a_macos_service_is_followed_from_its_last_256_kilobytes(
    hosts: LocalHosts, tmp_path: Path
) -> None:
    directory = tmp_path / "Library" / "Logs" / "actions.runner.acme.mac-1"
    directory.mkdir(parents=True)
    (directory / "stdout.log").write_bytes(b"old\n" * 100_000)
    async with hosts.stream("h", SCRIPTS["service-output"], str(directory / "stdout.log"), "0", "0") as frames:
        heard = Heard(frames)
        await heard.until(lambda: len(heard.of("stdout.log")) == 262_144)
        with (directory / "stdout.log").open("ab") as more:
            more.write(b"Listening for Jobs\n")
        await heard.until(lambda: heard.of("stdout.log").endswith(b"Listening for Jobs\n"))
