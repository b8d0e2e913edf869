"""`_diag` logs and the output of running jobs, as a runner's disk has them: rolled, deleted, left behind, hostile."""

import asyncio
import os
from pathlib import Path

from console.fleet.scripts import SCRIPTS
from console.operations.host_logs import RunnerHostLogs
from console.operations.logs import OpenLog
from tests.host.conftest import Host
from tests.host.operator import (
    GUID,
    JOB,
    RUNNER,
    TIMELINE,
    begin_job,
    closing,
    logged,
    logs_of,
    numbered,
    said,
    state,
    until,
)
from tests.host.stand_in import SECRET

HOSTILE = (
    "\x1b]52;c;aGk=\x1b\\ \x1b[2J \x9b6n \x07 \u202e \udcff\udcfe ##[error]\x1b]0;title\x07 [/x] [@click=app.quit]x"
)
"""Clipboard, clear, a question that the terminal would answer, direction, no UTF-8, a title, markup."""


async def output(host: Host, logs: RunnerHostLogs) -> OpenLog:
    """Of the job that was ordered, once its listener has it."""
    await until(lambda: logged(host, "Running job"))
    return await logs.output(JOB)


def harmless(lines: list[str]) -> bool:
    return all(char.isprintable() for line in lines for char in line)


async def test_the_listeners_log_is_followed_into_the_next_files(own_host: Host) -> None:
    async with logs_of(own_host) as logs:
        log = await logs.diag(RUNNER, "listener")
        async with closing(log):
            await until(lambda: said(log))
            for number in range(300):
                if number % 100 == 50:
                    own_host.runner.order(do="roll")
                own_host.runner.order(do="diary", text=f"entry {number:03d}")
            await until(lambda: len(numbered(log, "[INFO JobDispatcher] entry")) == 300)
            assert [line[-3:] for line in numbered(log, "[INFO JobDispatcher] entry")] == [
                f"{n:03d}" for n in range(300)
            ]
            names = sorted(path.name for path in own_host.runner.home.glob("_diag/Runner_*"))
            assert numbered(log, "-----") == [f"----- here begins {name} -----" for name in names[1:]]


async def test_a_log_that_is_emptied_or_replaced_is_marked_and_goes_on(own_host: Host) -> None:
    file = own_host.runner.home / "_diag/Runner_20990101-000000-utc.log"
    file.write_text("[2026-09-02 05:14:00Z INFO Terminal] first, and long enough\n")
    async with logs_of(own_host) as logs:
        log = await logs.diag(RUNNER, "listener")
        async with closing(log):
            await until(lambda: said(log))
            file.write_text("[2026-09-02 05:14:01Z INFO Terminal] second\n")
            await until(lambda: len(said(log)) == 3)
            file.unlink()
            await until(lambda: not file.exists())
            file.write_text("[2026-09-02 05:14:02Z INFO Terminal] third\n")
            await until(lambda: len(said(log)) == 5)
            assert said(log) == [
                "[INFO Terminal] first, and long enough",
                "----- here the file was emptied, and begins anew -----",
                "[INFO Terminal] second",
                f"----- here begins {file.name} -----",
                "[INFO Terminal] third",
            ]


async def test_what_a_service_writes_to_a_file_is_followed(own_host: Host) -> None:
    """As on macOS; the script is the same everywhere."""
    place = "/srv/Library/Logs/actions.runner.acme-web.web-1/stdout.log"
    file = own_host.machine.root / place[1:]
    file.parent.mkdir(parents=True)
    file.write_text("Listening for Jobs\n")
    async with (
        asyncio.timeout(15),
        own_host.ssh.hosts() as hosts,
        hosts.stream("web", SCRIPTS["service-output"], place, "0", "0") as frames,
    ):
        text = b""
        async for frame in frames:
            text += frame.data
            if frame.data and text == b"Listening for Jobs\n":
                with file.open("a") as grown:
                    grown.write("Running job: build\n")
            elif text.endswith(b"build\n"):
                break
    assert text == b"Listening for Jobs\nRunning job: build\n"


async def test_the_output_of_a_running_job_is_whole_over_pages_that_are_deleted(own_host: Host) -> None:
    begin_job(own_host.runner, page=300_000)
    async with logs_of(own_host) as logs:
        log = await output(own_host, logs)
        async with closing(log):
            own_host.runner.order_worker(do="step", name="Compile everything")
            own_host.runner.order_worker(do="print", text="sample NUMBER " + "y" * 60, times=20_000, pause=0.02)
            await until(lambda: log.state is not None and log.state.step == "Compile everything", 30)
            own_host.runner.order_worker(do="end", result="Succeeded")
            await until(lambda: state(log) == "ended", 40)
            assert [int(line.split()[1]) for line in numbered(log, "sample")] == list(range(20_000))
            assert len(said(log)) == 20_000
            assert "buffered by the runner, may lag by 5 KB" in log.state.notes if log.state else False
    assert not list(own_host.runner.home.glob("_diag/pages/*"))


async def test_a_chatty_job_of_many_megabytes_is_whole(own_host: Host) -> None:
    begin_job(own_host.runner)
    async with logs_of(own_host) as logs:
        log = await output(own_host, logs)
        async with closing(log):
            own_host.runner.order_worker(do="print", text="sample NUMBER " + "y" * 80, times=200_000)
            own_host.runner.order_worker(do="end", result="Succeeded")
            await until(lambda: state(log) == "ended", 60)
            extent = log.text.extent()
            assert extent.lines == 200_000
            assert log.text.lines(199_999, 1)[0].text.startswith("sample 00199999 ")


async def test_the_workers_log_is_shown_without_the_job_message(own_host: Host) -> None:
    begin_job(own_host.runner)
    own_host.runner.order_worker(do="step", name="Compile everything")
    async with logs_of(own_host) as logs:
        log = await logs.diag(RUNNER, "worker")
        async with closing(log):
            await until(lambda: any("Compile everything" in line for line in said(log)))
            assert any("Job message:" in line for line in said(log))
            assert SECRET not in "\n".join(said(log))
            assert SECRET.encode() not in log.text.bytes_from(0)
    assert any(SECRET in path.read_text() for path in own_host.runner.home.glob("_diag/Worker_*"))


async def test_bytes_of_any_kind_are_shown_harmless(own_host: Host) -> None:
    begin_job(own_host.runner)
    own_host.runner.order(do="diary", text=f"before {HOSTILE} after")
    own_host.runner.order(do="raw", hex=(b"before " + HOSTILE.encode("utf-8", "surrogateescape") + b" after\n").hex())
    own_host.runner.order(do="raw", hex=(b"nul \0 and " + b"z" * 100_000 + b" end\n").hex())
    own_host.runner.order_worker(do="print", text=f"before {HOSTILE} after", times=100)
    async with logs_of(own_host) as logs:
        opened = (await logs.diag(RUNNER, "listener"), await logs.journal(RUNNER), await output(own_host, logs))
        async with closing(*opened):
            await until(lambda: all(any("before" in line and "after" in line for line in said(log)) for log in opened))
            await until(lambda: any(line.endswith(" end") for line in said(opened[1])))
            assert all(harmless(said(log)) for log in opened)
            assert sum(line.count("z") for line in said(opened[1])) >= 16_000


async def test_links_pipes_and_odd_names_are_not_read(own_host: Host) -> None:
    diag = own_host.runner.home / "_diag"
    (own_host.machine.root / "srv/canary").write_text("canary\n")
    for name in ("Runner_20990101-000000-utc.log", "Worker_20990101-000000-utc.log"):
        (diag / name).symlink_to("/srv/canary")
    os.mkfifo(diag / "Runner_20980101-000000-utc.log")
    (diag / "Runner_20970101-000000-utc.log").mkdir()
    odd = (
        "-rf.log",
        "$(touch pwned).log",
        "`touch pwned`",
        "Runner_\n20960101.log",
        "Runner_20960101-000000-utc.log\x1b[2J",
    )
    for name in (*odd, "Runner_20960101-000000-utc.log;touch pwned", "-n"):
        (diag / name).write_text("canary\n")
        (diag / "pages" / name).write_text("canary\n")
    (diag / "pages" / f"{TIMELINE}_{GUID}_9.log").symlink_to("/srv/canary")
    begin_job(own_host.runner)
    own_host.runner.order_worker(do="print", text="true output", times=200)
    async with logs_of(own_host) as logs:
        opened = (await logs.diag(RUNNER, "listener"), await logs.diag(RUNNER, "worker"), await output(own_host, logs))
        async with closing(*opened):
            await until(lambda: all(said(log) for log in opened))
            own_host.runner.order(do="diary", text="the end")
            await until(lambda: any("the end" in line for line in said(opened[0])))
            assert "canary\n" not in "\n".join("\n".join(said(log)) for log in opened).replace(SECRET, "") + "\n"
        left = await logs.leftovers(RUNNER)
        assert {file.name[:73] for file in left} == {f"{TIMELINE}_{GUID}"}
        assert f"{TIMELINE}_{GUID}_9.log" not in {file.name for file in left}
        facts = await logs.facts(RUNNER)
        assert facts.newest_listener_log is not None
        assert facts.newest_listener_log.name < "Runner_2090"
    assert not own_host.machine.run("find", "/", "-xdev", "-name", "pwned")


async def test_what_a_worker_that_crashed_left_behind_is_saved(own_host: Host, tmp_path: Path) -> None:
    begin_job(own_host.runner, page=3_000_000)
    own_host.runner.order_worker(do="print", text="sample NUMBER " + "y" * 80, times=50_000)
    own_host.runner.order_worker(do="crash")
    pages = own_host.runner.home / "_diag/pages"
    await until(lambda: logged(own_host, "Return code 137 indicate worker encounter an unhandled exception"))
    async with logs_of(own_host) as logs:
        saved = await logs.salvage(RUNNER, tmp_path / "saved.log")
    truth = b"".join(path.read_bytes() for path in sorted(pages.iterdir())).replace(b"\xef\xbb\xbf", b"")
    blocks = sorted((own_host.runner.home / "_diag/blocks").iterdir())
    more = b"".join(path.read_bytes() for path in blocks).replace(b"\xef\xbb\xbf", b"")
    text = (tmp_path / "saved.log").read_bytes()
    assert not saved.trouble
    assert max(truth, more, key=len) in text
