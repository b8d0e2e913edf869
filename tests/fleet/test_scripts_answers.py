"""Scripts that answer, in real shells on a real tree, with small programs in place of systemd's."""

import os
from pathlib import Path

import pytest

from console.fleet.frames import Answer, Frame
from console.fleet.scripts import SCRIPTS
from tests.host_programs import journal_line, systemd
from tests.local_hosts import SHELLS, LocalHosts

UNIT = "actions.runner.acme-web.linux-01.service"
RUNNER, WORKER = "Runner_20260902-051401-utc.log", "Worker_20260902-051402-utc.log"
TIMELINE, JOB = (f"5b3c1d2e-0000-4000-8000-00000000000{number}" for number in (1, 2))


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "actions-runner"
    (root / "_diag" / "pages").mkdir(parents=True)
    (root / "_diag" / "blocks").mkdir()
    (root / ".runner").write_bytes(b'\xef\xbb\xbf{"agentId": 7}')
    return root


def words(answer: Answer) -> list[tuple[str, ...]]:
    return [(frame.word, *frame.fields) for frame in answer.frames]


def frame(answer: Answer, *words: str) -> Frame:
    (found,) = (each for each in answer.frames if (each.word, *each.fields) == words)
    return found


def running(root: Path, pid: int = 812) -> dict[str, str]:
    return {"MainPID": str(pid), "WorkingDirectory": str(root), "ActiveState": "active", "SubState": "running"}


async def test_a_unit_is_found_with_its_directory_and_settings(shell: str, root: Path, tmp_path: Path) -> None:
    programs = systemd(tmp_path / "bin", {UNIT: running(root)})
    answer = await LocalHosts(shell, programs).ask("h", SCRIPTS["find-runners"])
    assert words(answer) == [
        ("looked", "units"),
        ("unit", UNIT, "active", "running", "812"),
        ("directory", str(root)),
        ("file", ".runner"),
        ("looked", "processes"),
    ]
    assert frame(answer, "file", ".runner").data == b'\xef\xbb\xbf{"agentId": 7}'


async def test_a_unit_that_is_not_loaded_is_found_by_its_file(shell: str, root: Path, tmp_path: Path) -> None:
    unit = {**running(root, 0), "ActiveState": "inactive", "SubState": "dead", "WorkingDirectory": f"!{root}"}
    programs = systemd(tmp_path / "bin", {UNIT: unit}, disabled=[UNIT])
    answer = await LocalHosts(shell, programs).ask("h", SCRIPTS["find-runners"])
    assert ("unit", UNIT, "inactive", "dead", "0") in words(answer)
    assert ("directory", str(root)) in words(answer)


async def test_units_with_names_that_are_not_sent_are_left_alone(shell: str, root: Path, tmp_path: Path) -> None:
    odd = ["actions.runner.$(touch${IFS}x).service", "actions.runner.a\\x20b.service", "-rf", "ssh.service"]
    programs = systemd(tmp_path / "bin", {name: running(root) for name in (*odd, UNIT)})
    answer = await LocalHosts(shell, programs).ask("h", SCRIPTS["find-runners"])
    assert [each.fields[0] for each in answer.frames if each.word == "unit"] == [UNIT]


async def test_a_runner_without_a_unit_is_found_by_its_process_whose_arguments_stay_there(
    shell: str, root: Path, tmp_path: Path
) -> None:
    processes = (
        f"  41 {root}/bin/Runner.Listener run --jitconfig c2VjcmV0\n"
        f"  42 {root}/bin/Runner.Worker spawnclient 1 2\n"
        f"  43 {root}/bin.2.336.0/Runner.Listener run\n"
        "  44 /opt/my runner/bin/Runner.Listener run\n"
        "  45 vi /tmp/Runner.Listener\n"
        "  46 /opt/$(id)/bin/Runner.Listener run\n"
    )
    hosts = LocalHosts(shell, systemd(tmp_path / "bin", {}, processes=processes))
    hosts.places = {"processes": str(tmp_path)}
    answer = await hosts.ask("h", SCRIPTS["find-runners"])
    assert words(answer) == [
        ("looked", "units"),
        ("looked", "processes"),
        ("process", "41"), ("directory", str(root)), ("file", ".runner"),
        ("process", "43"), ("directory", str(root)), ("file", ".runner"),
        ("process", "44"), ("odd-directory",),
        ("process", "46"), ("odd-directory",),
    ]  # fmt: skip
    assert "c2VjcmV0" not in repr(answer)


async def test_a_program_that_was_put_there_after_its_listener_last_wrote_is_another_one(
    shell: str, root: Path, tmp_path: Path
) -> None:
    programs, log = systemd(tmp_path / "bin", {UNIT: running(root)}), root / "_diag" / RUNNER
    (root / "bin").mkdir()
    (root / "bin" / "Runner.Listener").touch()
    log.touch()
    now = log.stat().st_mtime
    for written, seen in ((now + 60, b""), (now - 60, f"{root}/bin/Runner.Listener".encode())):
        os.utime(log, (written, written))
        answer = await LocalHosts(shell, programs).ask("h", SCRIPTS["host-facts"], UNIT, str(root))
        assert frame(answer, "fact", "renewed").data.strip() == seen


@pytest.mark.parametrize(
    ("control_group", "unit"),
    [
        ("0::/system.slice/gha.service", "gha.service"),
        ("0::/system.slice/system-gha\\x2drunner.slice/gha-runner@1.service", "gha-runner@1.service"),
        ("4:cpu:/x\n1:name=systemd:/ci.slice/ci-gha.slice/gha.service/sub", "gha.service"),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/gha.service", None),
        ("0::/system.slice/docker-0123.scope", None),
        ("0::/system.slice/a$(id).service", None),
        ("0::/system.slice/my\\x2drunner.service", None),
        ("0::/", None),
    ],
)
async def test_the_unit_that_a_listener_runs_in_is_read_from_its_control_group(
    shell: str, root: Path, tmp_path: Path, control_group: str, unit: str | None
) -> None:
    processes = f"  41 {root}/bin/Runner.Listener run\n"
    hosts = LocalHosts(shell, systemd(tmp_path / "bin", {}, processes=processes))
    hosts.places = {"processes": str(tmp_path / "proc")}
    (tmp_path / "proc" / "41").mkdir(parents=True)
    (tmp_path / "proc" / "41" / "cgroup").write_text(f"{control_group}\n")
    answer = await hosts.ask("h", SCRIPTS["find-runners"])
    assert words(answer)[2:] == [
        ("process", "41"),
        *([("service", unit)] if unit else []),
        ("directory", str(root)),
        ("file", ".runner"),
    ]


async def test_settings_that_are_links_or_may_not_be_read_are_said_and_not_shown(
    shell: str, root: Path, tmp_path: Path
) -> None:
    (root / ".runner").rename(root / "elsewhere")
    (root / ".runner").symlink_to(root / "elsewhere")
    (root / ".service").write_text(f"{UNIT}\n")
    (root / ".runner_migrated").mkdir()
    gone = running(tmp_path / "gone")
    programs = systemd(tmp_path / "bin", {UNIT: running(root), f"{UNIT[:-8]}2.service": gone})
    answer = await LocalHosts(shell, programs).ask("h", SCRIPTS["find-runners"])
    assert ("refused", ".runner") in words(answer)
    assert ("refused", ".runner_migrated") in words(answer)
    assert frame(answer, "file", ".service").data == f"{UNIT}\n".encode()
    assert ("unreadable", ".") in words(answer)


async def test_a_macos_host_names_its_launch_agents(shell: str, root: Path, tmp_path: Path) -> None:
    agents = tmp_path / "Library" / "LaunchAgents"
    agents.mkdir(parents=True)
    output = f"{tmp_path}/Library/Logs/actions.runner.acme.mac-1/stdout.log"
    (agents / "actions.runner.acme.mac-1.plist").write_text(
        "<plist><dict>\n    <key>WorkingDirectory</key>\n"
        f"    <string>{root}</string>\n    <key>StandardOutPath</key>\n    <string>{output}</string>\n</dict></plist>\n"
    )
    programs = systemd(tmp_path / "bin", {})
    (programs / "systemctl").unlink()
    hosts = LocalHosts(shell, programs, home=tmp_path)
    hosts.hide("systemctl")
    answer = await hosts.ask("h", SCRIPTS["find-runners"])
    assert ("agent", "actions.runner.acme.mac-1", output) in words(answer)
    assert ("directory", str(root)) in words(answer)


async def test_the_listener_tail_has_the_newest_two_logs_and_only_the_step_lines_of_the_worker(
    shell: str, root: Path
) -> None:
    diag = root / "_diag"
    (diag / "Runner_20260801-051401-utc.log").write_bytes(b"oldest\n")
    (diag / "Runner_20260901-051401-utc.log").write_bytes(b"x" * 300_000 + b"older\n")
    (diag / RUNNER).write_bytes(b"newest\n")
    steps = (
        b"[2026-09-02 05:14:03Z INFO JobRunner] Job ID " + JOB.encode() + b"\n"
        b"[2026-09-02 05:14:05Z INFO StepsRunner] Processing step: DisplayName='Run make'\n"
    )
    secret = b'[2026-09-02 05:14:02Z INFO Worker] Job message:\n{"variables": "Processing step: SECRET"}\n'
    (diag / WORKER).write_bytes(secret + steps)
    answer = await LocalHosts(shell).ask("h", SCRIPTS["listener-tail"], str(root))
    older, newest, worker = answer.frames
    assert (older.fields[0], newest.fields[0], worker.fields[0]) == (
        "Runner_20260901-051401-utc.log",
        RUNNER,
        WORKER,
    )
    assert (len(older.data), newest.data, worker.data) == (262_144, b"newest\n", steps)
    assert newest.fields[1] == str(int((diag / RUNNER).stat().st_mtime))


async def test_host_facts_are_collected_without_the_arguments_of_any_process(
    shell: str, root: Path, tmp_path: Path
) -> None:
    unit = {**running(root), "Result": "success", "StateChangeTimestamp": "Wed 2026-09-02 05:14:00 UTC"}
    processes = (
        f" 41 02:03 {root}/bin/Runner.Listener run --jitconfig c2VjcmV0\n"
        f" 42 01:02 {root}/bin/Runner.Worker spawnclient 1 2\n"
        " 43 01:02 /other/bin/Runner.Worker spawnclient 1 2\n"
    )
    programs = systemd(tmp_path / "bin", {UNIT: unit}, processes=processes)
    killed = "1756790000.5 host kernel: Out of memory: Killed process 7 (java) total-vm:1kB\n"
    (programs / "journal-text").write_text(f"Runner listener exited with error code 5\n{killed}something else\n")
    (root / "bin.2.336.0").mkdir()
    (root / "bin").symlink_to("bin.2.336.0")
    (root / "_diag" / RUNNER).write_bytes(b"[2026-09-02 05:14:01Z INFO Listener] Version: 2.336.0\n")
    answer = await LocalHosts(shell, programs).ask("h", SCRIPTS["host-facts"], UNIT, str(root))
    facts = {each.fields[0]: each.data for each in answer.frames if each.word == "fact"}
    assert facts["processes"].rstrip(b"\n") == b"listener 41 02:03\nworker 42 01:02"
    assert facts["bin"].strip() == b"bin.2.336.0"
    assert b"Result=success" in facts["unit"]
    assert facts["exit-line"].strip() == b"Runner listener exited with error code 5"
    assert facts["version-line"].strip().endswith(b"Version: 2.336.0")
    assert facts["listener-log"].split()[0] == RUNNER.encode()
    assert facts["listener-starts"].split() == [RUNNER.encode()]
    assert facts["renewed"] == b""
    assert facts["worker-log"] == b""
    assert len(facts["disk"].splitlines()) == 2
    assert float(facts["load"].split()[1]) >= 0
    assert int(facts["cores"]) >= 1
    assert [line.split()[0] for line in facts["memory"].splitlines()] == [b"MemTotal:", b"MemAvailable:"]
    assert facts["kernel"].decode() == killed
    assert "c2VjcmV0" not in repr(answer)


async def test_what_a_worker_left_behind_is_listed_and_given_by_the_megabyte(shell: str, root: Path) -> None:
    pages, blocks = root / "_diag" / "pages", root / "_diag" / "blocks"
    content = os.urandom(2_500_000)
    page, block = f"{TIMELINE}_{JOB}_1.log", f"{TIMELINE}_{JOB}.1"
    (pages / page).write_bytes(content)
    (blocks / block).write_bytes(b"block")
    (pages / f"{TIMELINE}_{JOB}_2.log").symlink_to("/etc/passwd")
    for odd in ("-rf", f"{TIMELINE}_{JOB}_1.log\n", "$(id).log", f"{TIMELINE}_{JOB}_1x.log"):
        (pages / odd).write_bytes(b"SECRET")
    hosts = LocalHosts(shell)
    left = await hosts.ask("h", SCRIPTS["leftovers"], str(root))
    assert [each.fields[:2] for each in left.frames] == [(page, "2500000"), (block, "5")]
    pieces = [await hosts.ask("h", SCRIPTS["leftover"], str(root), page, str(number)) for number in range(3)]
    assert b"".join(piece.frames[0].data for piece in pieces) == content
    assert (await hosts.ask("h", SCRIPTS["leftover"], str(root), block, "0")).frames[0].data == b"block"
    for name in (f"{TIMELINE}_{JOB}_2.log", f"{TIMELINE}_{JOB}_9.log"):
        assert words(await hosts.ask("h", SCRIPTS["leftover"], str(root), name, "0")) == [("gone", name)]


async def test_a_directory_that_is_not_there_is_said(shell: str, tmp_path: Path) -> None:
    hosts, nowhere = LocalHosts(shell), str(tmp_path / "nowhere")
    assert words(await hosts.ask("h", SCRIPTS["listener-tail"], nowhere)) == [("note", "no-directory")]
    assert words(await hosts.ask("h", SCRIPTS["leftovers"], nowhere)) == [("note", "no-pages"), ("note", "no-blocks")]
    assert ("note", "no-directory") in words(await hosts.ask("h", SCRIPTS["host-facts"], "-", nowhere))


async def test_the_journal_is_followed_from_a_cursor_and_missing_rights_are_said(shell: str, tmp_path: Path) -> None:
    programs = systemd(tmp_path / "bin", {UNIT: running(tmp_path)})
    (programs / "hint").write_text("Hint: You are currently not seeing messages from other users and the system.\n")
    (programs / "journal").write_text(journal_line(1, "Listening for Jobs") + "\n")
    hosts, said = LocalHosts(shell, programs), b""
    async with hosts.stream("h", SCRIPTS["journal"], UNIT, "-", "100") as frames:
        first = await anext(frames)
        async for each in frames:
            said += each.data
            if said.rstrip().endswith(b"}"):
                break
    assert (first.word, first.fields) == ("note", ("no-rights",))
    assert said.decode().rstrip() == journal_line(1, "Listening for Jobs")
    async with hosts.stream("h", SCRIPTS["journal"], UNIT, "s=0639ab;i=1;b=7f01;m=2f;t=5e1;x=9a1", "0") as frames:
        while not (await anext(frames)).data:
            pass
    asked = [line for line in (programs / "journalctl-asked").read_text().splitlines() if " -f " in line]
    assert [f" -n 100 -u {UNIT}" in line for line in asked] == [True, False]
    assert f" --no-tail --after-cursor=s=0639ab;i=1;b=7f01;m=2f;t=5e1;x=9a1 -u {UNIT}" in asked[1]
    # Without `-m` journalctl follows this boot alone, and what came before a reboot would be missing.
    assert all(" -m " in line and " _MACHINE_ID=" in line for line in asked) or not Path("/etc/machine-id").exists()


async def test_a_host_without_a_journal_says_so_and_ends(shell: str, tmp_path: Path) -> None:
    hosts = LocalHosts(shell, systemd(tmp_path / "bin", {}))
    hosts.hide("journalctl")
    async with hosts.stream("h", SCRIPTS["journal"], UNIT, "-", "100") as frames:
        assert (await anext(frames)).fields == ("no-journal",)
