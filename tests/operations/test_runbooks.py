"""Runbooks as they are found on the disk, and walks as they are kept there."""

import os
import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.errors import LogError
from console.fleet.models import JobKey, Name, RunnerKey, plain
from console.fleet.runbook_checks import Checked
from console.fleet.runbook_leads import Lead
from console.fleet.runbooks import read_runbook
from console.fleet.walks import Walk, begun, checked, gone_on_with, gone_over, noted, ticked
from console.operations import runbooks
from console.operations.at_work import this_process
from console.operations.runbooks import WalkKeeper, known, library, read_own, shipped
from console.simulator.scenarios import scenarios
from tests.operations.test_history import a_deed, a_history
from tests.virtual_clock import START, VirtualClock

TOKEN = "ghp_" + "a1B2" * 9
SHIPPED = sorted(runbooks._SHIPPED.glob("*.md"))
OWN = """+++
title = "Our own"
for = "us"
+++

## 1. Ring the bell
"""


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own directory of runbooks."""
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    folder = tmp_path / "config" / "runner-console" / "runbooks"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def keeper(tmp_path: Path) -> WalkKeeper:
    return a_keeper(tmp_path)


def a_keeper(tmp_path: Path) -> WalkKeeper:
    return WalkKeeper(tmp_path / "state" / "walks", VirtualClock(), a_history(tmp_path))


def files(directory: Path) -> list[str]:
    """All that is there, below it too."""
    return sorted(str(each.relative_to(directory)) for each in directory.rglob("*") if each.is_file())


def a_walk() -> Walk:
    return begun(shipped()["runner-offline"], None, "acme/prod", START)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_runbook_names_only_what_there_is(file: Path) -> None:
    read = read_runbook(str(file), file.stem, file.read_bytes(), known())
    assert read.faults == ()
    assert read.runbook is not None
    assert read.runbook.intro
    assert any(step.check for step in read.runbook.steps)
    assert set(read.runbook.training) <= set(scenarios())
    assert all(step.title and (step.text or step.check or step.action) for step in read.runbook.steps)


def test_there_is_a_runbook_for_every_kind_of_incident() -> None:
    assert {file.stem for file in SHIPPED} >= {
        "cache-service",
        "disk-full",
        "github-incident",
        "jit-bad-request",
        "outdated-runners",
        "planned-maintenance",
        "registration-lost",
        "release-draft",
        "remote-build-cache",
        "runner-idle-while-queued",
        "runner-offline",
    }
    assert len(shipped()) == len(SHIPPED)


def test_no_scenario_in_which_something_is_wrong_that_a_runbook_is_for_is_left_without_one() -> None:
    trained = {name for each in shipped().values() for name in each.training}
    untrained = {"approval-and-concurrency", "big-fleet", "chatty-job", "early-warnings", "hostile-names", "label-typo"}
    untrained |= {
        "group-excludes-repository",
        "silent-hang-after-acknowledge",
        "actions-disabled",
        "enterprise-runners",
        "wrong-group",
    }
    assert not {each for each in set(scenarios()) - trained - untrained if not each.endswith("-harmless")}


def test_ones_own_runbooks_go_before_shipped_ones_of_the_same_name(own: Path) -> None:
    (own / "bell.md").write_text(OWN)
    (own / "runner-offline.md").write_text(OWN)
    (own / "notes.txt").write_text("no runbook")
    found = library()
    assert found.faults == ()
    assert found.runbooks["bell"].own
    assert found.runbooks["runner-offline"].title == "Our own"
    assert len(found.runbooks) == len(SHIPPED) + 1


def test_broken_ones_are_told_and_stop_nothing(own: Path) -> None:
    (own / "bell.md").write_text(OWN)
    (own / "broken.md").write_text(OWN.replace("for =", "four ="))
    (own / "runner-offline.md").write_text("nothing")
    (own / "gone.md").symlink_to(own / "nowhere")
    (own / "folder.md").mkdir()
    found = library()
    assert found.runbooks["runner-offline"] == shipped()["runner-offline"]
    assert "bell" in found.runbooks
    said = {str(fault) for fault in found.faults}
    assert f"{own / 'broken.md'}, line 3: there is no key “four” in a header; did you mean “for”?" in said
    assert f"{own / 'gone.md'}: is a link to nothing" in said
    assert f"{own / 'folder.md'}: is no file" in said


def test_of_two_of_one_name_the_second_is_told(tmp_path: Path) -> None:
    files = [tmp_path / place / "bell.md" for place in ("here", "there")]
    for file, text in zip(files, (OWN, OWN.replace("Our own", "Theirs")), strict=True):
        file.parent.mkdir()
        file.write_text(text)
    found = read_own(files)
    assert [str(fault) for fault in found.faults] == [f"{files[1]}: {files[0]} has the same name"]
    assert found.runbooks["bell"].title == "Our own"
    assert read_own([files[0], files[0]]).faults == ()


def test_a_directory_that_cannot_be_listed_is_told(own: Path) -> None:
    own.rmdir()
    own.write_text("")
    found = library()
    assert [str(fault) for fault in found.faults] == [f"{own}: cannot be read: Not a directory"]
    assert found.runbooks == dict(sorted(shipped().items(), key=lambda item: item[1].title.casefold()))


def test_a_walk_is_kept_for_its_owner_alone_and_without_secrets(keeper: WalkKeeper) -> None:
    walk = noted(a_walk(), 0, f"the token was {TOKEN}", START)
    path = keeper.keep(lambda: walk)
    assert path.name == "20261121-025500-000-runner-offline-acme-prod.md"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "the token was" in path.read_text()
    assert "a1B2" not in path.read_text()  # an underscore is written otherwise in Markdown
    assert files(path.parent) == [path.name, f"unfinished/{path.stem}.json"]


def test_the_record_names_what_was_done_meanwhile_and_nothing_else(keeper: WalkKeeper, tmp_path: Path) -> None:
    history = a_history(tmp_path)
    history.begin(replace(a_deed("1"), context="acme/prod"))
    history.begin(a_deed("2"))
    text = keeper.text(a_walk())
    assert text.count("Restart service on mac") == 1


def test_what_was_written_stays_whole_when_writing_is_cut_off(
    keeper: WalkKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = a_walk()
    path = keeper.keep(lambda: walk)
    before = path.read_text()

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LogError, match="No space left on device"):
        keeper.keep(lambda: noted(walk, 0, "more", START))
    assert path.read_text() == before
    assert files(path.parent) == [path.name, f"unfinished/{path.stem}.json"]


def test_a_console_that_is_killed_while_it_writes_leaves_the_last_whole_record(
    keeper: WalkKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = a_walk()
    path = keeper.keep(lambda: walk)
    before = path.read_text()
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(SystemExit(137)))
    with pytest.raises(SystemExit):
        keeper.keep(lambda: noted(walk, 0, "more", START))
    assert path.read_text() == before


def test_a_copy_overwrites_nothing(keeper: WalkKeeper, tmp_path: Path) -> None:
    to = tmp_path / "record.md"
    keeper.copy(a_walk(), to)
    assert to.read_text() == keeper.text(a_walk())
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    with pytest.raises(LogError, match="File exists"):
        keeper.copy(a_walk(), to)


def test_a_walk_without_an_end_goes_on_as_it_was_left_and_in_the_same_record(tmp_path: Path) -> None:
    about = Lead(
        "only-offline-runners",
        "only-offline-runners x",
        (Name("mac"), " is offline"),
        (),
        START,
        (RunnerKey("org:acme", 3), JobKey("acme/web", 7)),
        "mac",
    )
    walk = begun(shipped()["runner-offline"], about, "acme/prod", START)
    walk = noted(ticked(walk, 1, START), 1, f"the token was {TOKEN}", START)
    held = Checked(True, (Name("mac"), " is online."))
    walk = checked(walk, (None, None, None, held, None, None), START)
    first = replace(about, key=f"another {TOKEN}", subject=(Name(TOKEN),), targets=(RunnerKey("org:acme", 4),))
    walk = gone_over(replace(walk, lead=first), about, START)
    walk = ticked(checked(walk, (None, None, None, held, None, None), START), 1, START)
    path = a_keeper(tmp_path).keep(lambda: walk)
    (left,) = a_keeper(tmp_path).unfinished(shipped(), "acme/prod")
    assert replace(left.walk.standings[3], past=()) == replace(walk.standings[3], past=())
    assert left.walk.standings[1].by == "person"
    assert TOKEN not in left.walk.standings[1].notes[0].text
    assert "a1B2" not in path.parent.joinpath("unfinished", f"{path.stem}.json").read_text()
    assert left.walk.lead == about
    assert [each.until for each in left.walk.before] == [START]
    assert [each.by for each in left.walk.standings[1].past] == ["person"]
    again = gone_on_with(left.walk, START + timedelta(minutes=14))
    assert a_keeper(tmp_path).keep(lambda: again) == path
    assert "- Gone on with: 2026-11-21 03:09:00Z" in path.read_text()
    assert "Note: the token was" in path.read_text()


def test_the_record_of_a_drill_stays_and_nobody_is_asked_to_go_on_with_it(keeper: WalkKeeper, tmp_path: Path) -> None:
    keeper.leave_in(tmp_path / "drills")
    path = keeper.keep(a_walk)
    assert path == keeper.place(a_walk())
    assert files(tmp_path / "drills") == [path.name]
    assert a_keeper(tmp_path).unfinished(shipped()) == keeper.unfinished(shipped()) == ()


def test_what_has_an_end_or_belongs_to_others_is_not_gone_on_with(tmp_path: Path) -> None:
    keeper = a_keeper(tmp_path)
    walk = a_walk()
    path = keeper.keep(lambda: walk)
    assert keeper.unfinished(shipped(), "acme-lab") == ()
    assert len(keeper.unfinished(shipped())) == 1
    assert keeper.unfinished({}) == ()
    other = replace(shipped()["runner-offline"], steps=shipped()["disk-full"].steps)
    assert keeper.unfinished({"runner-offline": other}) == ()
    state = path.parent / "unfinished" / f"{path.stem}.json"
    old = (START - timedelta(days=8)).timestamp()
    os.utime(state, (old, old))
    assert keeper.unfinished(shipped()) == ()
    keeper.keep(lambda: replace(walk, ended=START))
    assert files(path.parent) == [path.name]


def test_a_walk_that_another_console_walks_at_this_moment_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = a_keeper(tmp_path)
    keeper.keep(a_walk)
    here = this_process()
    monkeypatch.setattr(runbooks, "this_process", lambda: replace(here, pid=here.pid + 1))
    assert keeper.unfinished(shipped()) == ()
    monkeypatch.setattr(runbooks, "still_there", lambda _process: False)
    assert len(keeper.unfinished(shipped())) == 1


def test_a_state_that_cannot_be_read_offers_nothing_and_stops_nothing(tmp_path: Path) -> None:
    keeper = a_keeper(tmp_path)
    path = keeper.keep(a_walk)
    for number, raw in enumerate((b"", b"{}", b"\xff", b"[" * 9000)):
        (path.parent / "unfinished" / f"{number}.json").write_bytes(raw)
    left = path.parent / "unfinished"
    (left / "folder.json").mkdir()
    good = (left / f"{path.stem}.json").read_bytes()
    (left / "text.json").write_bytes(good.replace(b"acme/prod", b"acme/\xff\xfe"))
    (left / "time.json").write_bytes(re.sub(rb'"began":"[^"]*"', b'"began":"2026-11-21T15:00:00"', good))
    (left / "large.json").write_bytes(good + b" " * 8_400_000)
    (left / "link.json").symlink_to(f"{path.stem}.json")
    (left / "endless.json").symlink_to("/dev/zero")
    os.mkfifo(left / "pipe.json")
    assert len(keeper.unfinished(shipped())) == 1


def test_no_name_with_a_secret_in_it_is_kept(tmp_path: Path) -> None:
    about = Lead("c", f"c {TOKEN}", (Name(TOKEN),), (Name(TOKEN),), START, (RunnerKey("org:acme", 3),), TOKEN)
    path = a_keeper(tmp_path).keep(lambda: replace(a_walk(), lead=about))
    for file in path.parent.rglob("*.*"):
        assert "a1B2" not in file.read_text()


def test_what_a_state_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    keeper = a_keeper(tmp_path)
    path = keeper.keep(lambda: replace(a_walk(), lead=Lead("c", "c k", (Name("HERE"),), ())))
    state = path.parent / "unfinished" / f"{path.stem}.json"
    state.write_bytes(state.read_bytes().replace(b"HERE", rb"\u001b[2J"))
    (left,) = keeper.unfinished(shipped())
    assert left.walk.lead is not None
    assert "\x1b" not in plain(left.walk.lead.subject)
