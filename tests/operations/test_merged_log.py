"""Several logs as one: in the order of their times, nothing lost, and known as each is known alone."""

import asyncio
import resource
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.fleet.log_lines import LogLine, Where
from console.fleet.models import Name
from console.fleet.signatures import Catalogue, shipped_catalogue
from console.operations.feed_state import FeedState
from console.operations.follow_log import JUDGE_EVERY, Reading, follow
from console.operations.logs import MergedSource, OpenLog
from console.operations.merged_log import Braid, MergedLog
from console.operations.strand import HOLD
from console.remote.log_file import LogFile
from console.remote.log_text import MergedSpool, Spool
from tests.virtual_clock import VirtualClock

START = datetime(2026, 9, 2, 5, 14, tzinfo=UTC)
NOTHING_KNOWN = Catalogue(())


def github(second: float, text: str) -> str:
    return f"{START + timedelta(seconds=second):%Y-%m-%dT%H:%M:%S.%f}0Z {text}\n"


def diag(second: float, text: str) -> str:
    return f"[{START + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}Z INFO Runner] {text}\n"


def journal(second: float, text: str) -> str:
    return f"{START + timedelta(seconds=second):%Y-%m-%dT%H:%M:%S.%f}Z {text}\n"


class Merging:
    """Some logs, and what becomes of them."""

    def __init__(self, directory: Path, catalogue: Catalogue = NOTHING_KNOWN) -> None:
        self.directory = directory
        self.clock = VirtualClock()
        self.catalogue = catalogue
        self.spools: dict[str, Spool] = {}
        self.sources: list[MergedSource] = []
        self.readings: list[Reading] = []

    def add(self, label: str, *lines: str, where: Where = "job-log", live: bool = False) -> Spool:
        spool = self.spools[label] = Spool(self.directory)
        spool.append("".join(lines).encode())
        if not live:
            spool.end()
        opened = OpenLog((Name(label),), where, spool, lambda: self.catalogue, self.clock)
        self.sources.append(MergedSource(label, opened))
        return spool

    def begin(self, at: datetime | None = None) -> None:
        self.log = MergedLog(self.sources, MergedSpool(self.directory), lambda: self.catalogue, self.clock, at=at)
        self.following = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for reading in self.log.readings():
            self.readings.append(reading)

    async def whole(self) -> list[LogLine]:
        """Of logs that have all ended."""
        self.begin()
        await self.following
        assert self.readings[-1].complete
        return self.lines

    async def after(self, seconds: float) -> list[str]:
        """What can be read by then."""
        for _ in range(round(seconds * 10)):
            await self.clock.advance(0.1)
        return self.texts

    @property
    def lines(self) -> list[LogLine]:
        return self.log.text.lines(0, 10_000)

    @property
    def texts(self) -> list[str]:
        return [line.sourced for line in self.lines]


async def test_lines_of_several_logs_stand_in_the_order_of_their_times_with_their_sources(tmp_path: Path) -> None:
    merging = Merging(tmp_path)
    merging.add("job", github(1.5, "##[error]one"), github(3.25, "two"))
    merging.add("listener", diag(2, "three"), "a line without a time\n", diag(3, "four"), where="runner-diag")
    merging.add("journal", journal(2.5, "five"), where="service-log")
    lines = await merging.whole()
    assert [line.sourced for line in lines] == [
        "job: one",
        "listener: [INFO Runner] three",
        "listener: a line without a time",
        "journal: five",
        "listener: [INFO Runner] four",
        "job: two",
    ]
    assert lines[0].kind == "error"
    assert [line.stamp for line in lines] == [
        "2026-09-02T05:14:01.5000000Z",
        "2026-09-02T05:14:02Z",
        "",
        "2026-09-02T05:14:02.500000Z",
        "2026-09-02T05:14:03Z",
        "2026-09-02T05:14:03.2500000Z",
    ]
    assert await merging.log.text.line_at(START + timedelta(seconds=2.4)) == 3


async def test_every_known_line_is_marked_as_it_is_in_its_own_log(tmp_path: Path) -> None:
    catalogue = shipped_catalogue()
    merging = Merging(tmp_path, catalogue)
    wheres: tuple[Where, ...] = ("job-log", "runner-diag", "worker-diag", "service-log")
    for place, where in enumerate(wheres):
        said = [(each.examples[0], 4 * at + place) for at, each in enumerate(catalogue.signatures)]
        stamped = github if where in {"job-log", "service-log"} else diag
        merging.add(where, *(stamped(at, text.splitlines()[0]) for text, at in said), where=where)
    expected: dict[tuple[str, str], tuple[str, str, bool, bool]] = {}
    for label, opened in merging.sources:
        alone = [each async for each in follow(opened.text, catalogue, opened.where, VirtualClock())][-1]
        for line, mark in alone.marks.items():
            text = opened.text.lines(line, 1)[0].text
            expected[label, f"{line} {text}"] = mark.signature, mark.severity, mark.harmless, mark.cleared
    merged = await merging.whole()
    seen: Counter[str] = Counter()
    found: dict[tuple[str, str], tuple[str, str, bool, bool]] = {}
    for shown in merged:
        own = f"{seen[shown.source]} {shown.text}"
        seen[shown.source] += 1
        if known := merging.readings[-1].marks.get(shown.number):
            found[shown.source, own] = known.signature, known.severity, known.harmless, known.cleared
    assert found == expected
    assert len(found) > len(catalogue.signatures)


async def test_a_line_that_comes_a_little_later_still_stands_in_its_place(tmp_path: Path) -> None:
    merging = Merging(tmp_path)
    job = merging.add("job", live=True)
    listener = merging.add("listener", live=True)
    merging.begin()
    await merging.after(2)
    job.append(github(10, "second").encode())
    assert await merging.after(HOLD / 2) == []
    listener.append(github(9, "first").encode())
    assert await merging.after(HOLD + 0.3) == ["listener: first", "job: second"]
    listener.append(github(8, "late").encode())
    assert await merging.after(HOLD + 0.3) == ["listener: first", "job: second", "listener: late"]
    merging.following.cancel()


async def test_a_busy_log_does_not_hold_back_a_quiet_one_nor_itself(tmp_path: Path) -> None:
    merging = Merging(tmp_path)
    busy = merging.add("busy", live=True)
    merging.add("quiet", github(10.05, "said"), live=True)
    merging.begin()
    for tick in range(200):
        busy.append(github(tick / 10, f"tick {tick}").encode())
        await merging.after(0.1)
    texts = merging.texts
    assert len(texts) > 180
    assert texts[100:103] == ["busy: tick 100", "quiet: said", "busy: tick 101"]
    merging.following.cancel()


async def test_what_is_still_being_fetched_is_waited_for(tmp_path: Path) -> None:
    merging = Merging(tmp_path)
    job = merging.add("job", github(1, "one"), live=True)
    merging.sources[0].opened.state = FeedState("connecting", START)
    merging.add("journal", journal(5, "five"))
    merging.begin()
    assert await merging.after(3 * HOLD) == ["job: one"]
    assert merging.log.state is not None
    assert merging.log.state.notes == ("waits for job",)
    job.append(github(2, "two").encode())
    job.end()
    merging.sources[0].opened.state = FeedState("ended", START)
    assert await merging.after(0.5) == ["job: one", "job: two", "journal: five"]
    assert merging.log.state.notes == ("job ended",)


async def test_a_log_that_is_closed_leaves_the_merged_one_at_work(tmp_path: Path) -> None:
    merging = Merging(tmp_path)
    merging.add("job", github(1, "one"), github(2, "two"), live=True)
    journal_spool = merging.add("journal", journal(1.5, "said"), live=True)
    merging.begin()
    await merging.after(HOLD + 0.5)
    await merging.sources[0].opened.close()
    journal_spool.append(journal(7, "more").encode())
    assert await merging.after(0.5) == ["job: one", "journal: said", "job: two", "journal: more"]
    assert merging.log.state is not None
    assert merging.log.state.notes == ("job ended",)
    merging.following.cancel()


async def test_a_host_that_is_lost_is_told_of(tmp_path: Path) -> None:
    merging = Merging(tmp_path)
    merging.add("job", github(1, "one"))
    merging.add("journal", journal(1.5, "said"), live=True)
    merging.sources[1].opened.state = FeedState("disconnected", START, next_try=START)
    merging.begin()
    await merging.after(HOLD + 0.5)
    assert merging.readings[-1].extent.trouble.startswith("journal disconnected at ")
    merging.following.cancel()


async def test_a_listener_that_has_fallen_silent_after_its_yes_is_told_of_here_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merging = Merging(tmp_path, shipped_catalogue())
    yes = "Acknowledging runner request '7d6a6f19-3800-e0a6-96a2-4da09f8a4dd0'."
    merging.add("listener", diag(0, yes), diag(60, yes), where="runner-diag", live=True)
    merging.add("job", live=True)
    listener = merging.sources[0].opened
    silent: datetime | None = None
    monkeypatch.setattr(listener, "silent_until", lambda: silent)

    def severities() -> list[str]:
        return [mark.severity for mark in merging.readings[-1].marks.values()]

    merging.begin()
    await merging.after(2 * HOLD)
    assert severities() == ["info", "info"]
    silent = START + timedelta(seconds=119)
    await merging.after(2 * JUDGE_EVERY)
    assert severities() == ["info", "info"]
    silent = START + timedelta(seconds=121)
    await merging.after(2 * JUDGE_EVERY)
    assert severities() == ["error", "info"]
    told = len(merging.readings)
    await merging.after(5 * JUDGE_EVERY)
    assert len(merging.readings) <= told + 6, "silence is judged at a pace"
    await listener.close()
    silent = START + timedelta(seconds=999)
    await merging.after(2 * JUDGE_EVERY)
    assert severities() == ["error", "info"], "a log that is closed tells nothing more, and nothing less"
    merging.following.cancel()


async def test_a_last_line_without_an_end_is_shown_when_nothing_more_comes(tmp_path: Path) -> None:
    merging = Merging(tmp_path, shipped_catalogue())
    job = merging.add("job", github(1, "one"), github(2, "No space left").rstrip(), live=True)
    merging.add("journal", journal(1.5, "said"))
    merging.begin()
    assert await merging.after(HOLD + 0.5) == ["job: one", "journal: said", "job: No space left"]
    job.append(b" on device\n" + github(3, "three").encode())
    job.end()
    await merging.after(0.5)
    assert merging.texts[3:] == ["job:  on device", "job: three"]
    assert [mark.line for mark in merging.readings[-1].marks.values()] == [2]


async def test_a_line_that_goes_on_without_an_end_holds_nothing_back(tmp_path: Path) -> None:
    merging = Merging(tmp_path)
    job = merging.add("job", github(1, "one"), github(2, "progress ").rstrip(), live=True)
    merging.add("journal", journal(5, "said"), live=True)
    merging.begin()
    for _ in range(30):
        await merging.after(0.1)
        job.append(b".")
    assert merging.texts == ["job: one", "journal: said"]
    merging.following.cancel()


async def test_a_log_that_is_emptied_begins_anew_behind_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "emptied.log"
    path.write_text(journal(1, "before the rotation"))
    merging = Merging(tmp_path)
    file = LogFile(path)
    opened = OpenLog(("file",), "service-log", file, lambda: NOTHING_KNOWN, merging.clock)
    merging.sources.append(MergedSource("journal", opened))
    merging.add("job", github(2, "two"))
    merging.begin()
    await merging.after(1)
    path.write_text(journal(3, "anew"))
    async with asyncio.timeout(60):
        while (file.extent().anew, file.extent().lines) != (1, 1):
            await asyncio.sleep(0.01)
    assert await merging.after(1) == ["journal: before the rotation", "job: two", "journal: anew"]
    assert merging.readings[-1].extent.trouble == "journal: Emptied; read anew."
    merging.following.cancel()
    await file.close()


async def test_it_opens_at_the_time_that_is_asked_for_once_that_is_there(tmp_path: Path) -> None:
    merging = Merging(tmp_path)
    job = merging.add("job", github(1, "one"), live=True)
    merging.sources[0].opened.state = FeedState("connecting", START)
    merging.add("journal", *(journal(second, f"said {second}") for second in range(10)))
    merging.begin(at=START + timedelta(seconds=5))
    await merging.after(0.5)
    assert [merging.log.opens_at(each, ()) for each in merging.readings] == [None] * len(merging.readings)
    job.append(github(3.5, "two").encode())
    job.end()
    await merging.after(0.5)
    assert merging.log.opens_at(merging.readings[-1], ()) == merging.texts.index("journal: said 5")


async def test_a_log_without_times_comes_at_once_and_holds_nothing_back(tmp_path: Path) -> None:
    merging = Merging(tmp_path)
    merging.add("output", "no time\n", "none either\n", live=True)
    merging.add("journal", journal(1.5, "said"), live=True)
    merging.begin()
    assert await merging.after(HOLD + 0.3) == ["output: no time", "output: none either", "journal: said"]
    assert merging.log.state is not None
    assert merging.log.state.notes == ("output carries no times",)
    merging.following.cancel()


Steps = Sequence[tuple[int | None, str]]
"""Lines. A number says how many seconds later a line is than the one before; None: it has no time."""
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=12).map(lambda text: f"x{text}")
LOGS = st.lists(
    st.lists(st.tuples(st.none() | st.integers(0, 5), WORDS), max_size=30).map(lambda log: [(0, "begins"), *log]),
    min_size=1,
    max_size=4,
)


def as_written(log: Steps) -> list[bytes]:
    second, lines = 0, list[bytes]()
    for later, text in log:
        second += later or 0
        lines.append((f"{text}\n" if later is None else github(second, text)).encode())
    return lines


@given(LOGS, st.data())
@settings(max_examples=60, deadline=None)
async def test_every_line_comes_once_in_its_own_order_and_times_do_not_go_back(
    logs: list[Steps], data: st.DataObject
) -> None:
    with TemporaryDirectory() as directory:
        merging = Merging(Path(directory))
        spools = [merging.add(f"log {at}", live=True) for at in range(len(logs))]
        braid = Braid(merging.sources, NOTHING_KNOWN)
        whole = [b"".join(as_written(log)) for log in logs]
        cuts = [data.draw(st.integers(0, len(raw))) for raw in whole]
        written = b""
        for now in (0.0, 0.3, 0.6):
            for spool, raw, cut in zip(spools, whole, cuts, strict=True):
                if now == 0.3:
                    spool.append(raw[:cut])
                elif now == 0.6:
                    spool.append(raw[cut:])
                    spool.end()
            written += braid.take(now)
        while not braid.over:
            written += braid.take(1.0)
        for spool in spools:
            await spool.close()
    came: dict[str, list[bytes]] = {f"log {at}": [] for at in range(len(logs))}
    times: list[bytes] = []
    for line in written.split(b"\n")[:-1]:
        stamp, label, text = line.split(b"\t", 2)
        came[label.decode()].append(text)
        times += [stamp] if stamp else []
    assert list(came.values()) == [[text.encode() for _, text in log] for log in logs]
    assert all(earlier <= later for earlier, later in pairwise(times))


async def test_a_million_lines_are_merged_in_little_memory(tmp_path: Path) -> None:
    merging = Merging(tmp_path)
    for label in ("job", "journal"):
        spool = merging.add(label, live=True)
        for second in range(0, 500_000, 10_000):
            lines = (
                f"2026-09-02T{at // 36000:02}:{at // 600 % 60:02}:{at // 10 % 60:02}.{at % 10}Z x\n"
                for at in range(second, second + 10_000)
            )
            spool.append("".join(lines).encode())
        spool.end()
    braid, count = Braid(merging.sources, NOTHING_KNOWN), 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while not braid.over:
        count += braid.take(0.0).count(b"\n")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert count == 1_000_000
    assert grown < 20_000 * (1024 if sys.platform == "darwin" else 1)
