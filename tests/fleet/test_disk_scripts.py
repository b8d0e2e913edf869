"""Scripts about the room on a runner's disk: what is listed, and that nothing else is ever removed."""

import os
import time
from pathlib import Path

import pytest

from console.fleet.scripts import SCRIPTS, fits
from tests.acting_host import ADDRESS, ActingHost, refusal, words
from tests.local_hosts import SHELLS


@pytest.fixture(params=SHELLS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> ActingHost:
    host = ActingHost(tmp_path, str(request.param))
    fill(host, "_work/web/web/big", 900_000)
    fill(host, "_work/_tool/node/small", 40_000)
    fill(host, "_work/_PipelineMapping/acme/web/PipelineFolder.json")
    fill(host, "_work/$(touch made)/x")
    fill(host, "_work/-rf/x")
    fill(host, "bin.2.335.0/Runner.Listener", 200_000)
    fill(host, "bin.2.336.0/Runner.Listener")
    (host.root / "bin").symlink_to(host.root / "bin.2.336.0")
    fill(host, "precious/file", 5_000_000)
    (host.root / "_work/linked").symlink_to(host.root / "precious")
    (host.processes / "1").mkdir()
    (host.processes / "1/comm").write_text("systemd\n")
    # The tests may run as root, whose runner it then would be.
    (host.programs / "ls").write_text(
        '#!/bin/sh\ncase "$*" in "-ld .") echo "drwx 2 runner runner 4096" ;; *) exec /bin/ls "$@" ;; esac\n'
    )
    (host.programs / "ls").chmod(0o755)
    host.allow("-u runner /bin/bash -s")
    return host


def fill(host: ActingHost, name: str, size: int = 1) -> None:
    path = host.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(size))


async def listed(host: ActingHost) -> list[str]:
    answer = await host.hosts.ask("h", SCRIPTS["directory-sizes"], str(host.root))
    (sizes,) = (frame.data for frame in answer.frames if frame.fields == ("sizes",))
    return [line.split()[1] for line in sizes.decode().splitlines()]


async def remove(host: ActingHost, name: str, agent: str = "7", address: str = ADDRESS) -> list[str]:
    host.frames = await host.run("remove-directory", str(host.root), name, agent, address, "alice")
    return words(host.frames)


async def test_the_largest_is_listed_first_and_only_what_may_be_removed(host: ActingHost) -> None:
    names = await listed(host)
    assert names[:3] == ["_work/web", "bin.2.335.0", "_work/_tool"]
    assert set(names) == {"_work/web", "bin.2.335.0", "_work/_tool", "_diag"}
    assert all(fits("below", name) for name in names)
    assert not list(host.place.rglob("made"))


@pytest.mark.parametrize("name", ["_work/web", "bin.2.335.0"])
async def test_what_is_listed_is_removed_and_nothing_else(host: ActingHost, name: str) -> None:
    before = {path for path in host.root.rglob("*") if not path.is_relative_to(host.root / name)}
    assert (await remove(host, name))[-2:] == [f"doing remove {name}", "did 0"]
    assert set(host.root.rglob("*")) == before


async def test_of_diag_only_what_is_a_day_old_goes(host: ActingHost) -> None:
    fill(host, "_diag/Runner_20260901-051401-utc.log")
    fill(host, "_diag/Runner_20260902-051401-utc.log")
    old = time.time() - 3 * 86400
    os.utime(host.root / "_diag/Runner_20260901-051401-utc.log", (old, old))
    os.utime(host.root / "precious/file", (old, old))
    (host.root / "_diag/away").symlink_to(host.root / "precious")
    assert (await remove(host, "_diag"))[-1] == "did 0"
    assert sorted(path.name for path in (host.root / "_diag").iterdir()) == [
        "Runner_20260902-051401-utc.log", "away"
    ]  # fmt: skip
    assert (host.root / "precious/file").exists()


@pytest.mark.parametrize("name", ["_work/linked", "bin.2.336.0", "_work/_PipelineMapping", "_work/gone"])
async def test_links_and_what_the_runner_needs_are_never_removed(host: ActingHost, name: str) -> None:
    before = set(host.root.rglob("*"))
    assert (await remove(host, name))[-1] == "refused not-removable"
    assert set(host.root.rglob("*")) == before


@pytest.mark.parametrize("work", ["link", "file"])
async def test_nothing_is_removed_through_a_work_directory_that_is_none(host: ActingHost, work: str) -> None:
    (host.root / "_work").rename(host.place / "elsewhere")
    if work == "link":
        (host.root / "_work").symlink_to(host.place / "elsewhere")
    assert (await remove(host, "_work/web"))[-1] == "refused not-removable"
    assert (host.place / "elsewhere/web/web/big").exists()


@pytest.mark.parametrize(
    "name", ["_work", "_work/..", "_work/../precious", "_work/a/b", "precious", "/etc", "bin", "_work/.x", "_work/-rf"]
)
def test_no_other_name_is_ever_sent(name: str) -> None:
    assert not fits("below", name)


async def test_while_a_job_runs_nothing_is_removed(host: ActingHost) -> None:
    host.lists(f"901 00:12 {host.root}/bin/Runner.Worker spawnclient 118 121")
    assert (await remove(host, "_work/web"))[-1].startswith("refused busy")
    host.lists()
    fill(host, "_diag/Runner_20260902-051401-utc.log")
    (host.root / "_diag/Runner_20260902-051401-utc.log").write_text("[x INFO M] Acknowledging runner request '4f'.\n")
    assert refusal(host.frames).startswith("busy")
    assert (await remove(host, "_work/web"))[-1] == "refused busy -"
    assert (host.root / "_work/web/web/big").exists()


async def test_where_processes_are_hidden_nothing_is_removed(host: ActingHost) -> None:
    (host.processes / "1/comm").unlink()
    assert (await remove(host, "_work/web"))[-1] == "refused unreadable all"


async def test_another_runners_directory_is_not_cleared(host: ActingHost) -> None:
    assert (await remove(host, "_work/web", agent="8"))[-1] == "refused other-runner"
    assert (await remove(host, "_work/web", address="https://github.com/acme/api"))[-1] == "refused other-address"
    assert (host.root / "_work/web/web/big").exists()


async def test_it_is_done_with_no_more_rights_than_a_job_has(host: ActingHost) -> None:
    await remove(host, "_work/web")
    asked = (host.programs / "sudo-asked").read_text().splitlines()
    assert asked == ["-n -l -u runner -- /bin/bash -s", "-n -u runner -- /bin/bash -s"]
