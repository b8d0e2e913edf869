"""Scripts that act: what they refuse, what they do, and that they do it once. Real shells, stand-in programs."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.fleet.frames import Frame
from console.fleet.scripts import SCRIPTS
from tests.acting_host import ADDRESS, UNIT, ActingHost, refusal, words
from tests.host_programs import program
from tests.local_hosts import SHELLS

ACT = SCRIPTS["service-act"]


def given(host: ActingHost) -> tuple[str, ...]:
    return ("restart", UNIT, str(host.root), "7", ADDRESS, "-", "alice")


async def until(frames: AsyncIterator[Frame], word: str) -> AsyncIterator[Frame]:
    async for frame in frames:
        yield frame
        if frame.word == word:
            return


@pytest.fixture(params=SHELLS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> ActingHost:
    return ActingHost(tmp_path, str(request.param))


@pytest.mark.parametrize("verb", ["restart", "stop"])
async def test_an_idle_runner_is_acted_on_once_by_sudo_and_full_path(host: ActingHost, verb: str) -> None:
    assert words(await host.act(verb)) == [
        "lock held", "note written", "checked runner", "checked unit", "checked workers", "checked update",
        "checked sudo", f"doing {verb} {UNIT}", "did 0",
    ]  # fmt: skip
    assert host.acted == [f"{verb} -- {UNIT}"]
    asked = (host.programs / "sudo-asked").read_text().splitlines()
    assert asked == [f"-n -l -- {host.systemctl} {verb} -- {UNIT}", f"-n {host.systemctl} {verb} -- {UNIT}"]


async def test_root_needs_no_sudo(host: ActingHost) -> None:
    (host.programs / "id").write_text("#!/bin/sh\necho 0\n")
    assert words(await host.act())[-1] == "did 0"
    assert host.acted == [f"restart -- {UNIT}"]
    assert not (host.programs / "sudo-asked").exists()


async def test_what_systemctl_says_of_a_failure_is_told(host: ActingHost) -> None:
    host.when_acted("echo 'Job for it failed.' >&2; exit 3")
    frames = await host.act()
    assert words(frames)[-1] == "did 3"
    assert frames[-1].data == b"Job for it failed."


async def test_it_is_told_how_far_a_long_stop_is(host: ActingHost) -> None:
    host.holds()
    frames = []
    async with host.hosts.act("h", ACT, *given(host), within=60) as said:
        async for frame in said:
            frames.append(frame)
            if frame.word == "state":
                host.released()
    assert ("active", "running") in [frame.fields for frame in frames if frame.word == "state"]
    assert words(frames)[-1] == "did 0"


async def test_a_service_that_ended_is_started(host: ActingHost) -> None:
    host.show(ActiveState="inactive", SubState="dead", ControlGroup="")
    assert words(await host.act("start"))[-1] == "did 0"
    assert host.acted == [f"start -- {UNIT}"]


@pytest.mark.parametrize("state", ["active", "activating", "deactivating", ""])
async def test_a_service_that_runs_is_not_started(host: ActingHost, state: str) -> None:
    host.show(ActiveState=state)
    assert refusal(await host.act("start")).startswith("running")
    assert host.acted == []


@pytest.mark.parametrize("state", ["inactive", "failed", "deactivating"])
async def test_a_service_that_somebody_has_stopped_is_not_started_by_a_restart(host: ActingHost, state: str) -> None:
    host.show(ActiveState=state)
    frames = await host.act("restart")
    assert refusal(frames) == f"ended {state}"
    assert host.acted == []


@pytest.mark.parametrize("verb", ["restart", "stop"])
async def test_what_was_started_anew_since_it_was_looked_at_is_not_acted_on(host: ActingHost, verb: str) -> None:
    frames = await host.act(verb, seen="cd" * 16)
    assert refusal(frames) == "begun-anew"
    host.show(InvocationID="")
    assert refusal(await host.act(verb)) == "begun-anew"
    assert host.acted == []
    assert words(await host.act(verb, seen="-"))[-1] == "did 0"


async def test_of_two_one_right_after_the_other_only_the_first_acts(host: ActingHost) -> None:
    shown = (host.programs / "show").read_text().replace("ab" * 16, "cd" * 16)
    host.when_acted(f"cat >{host.programs}/show <<'END'\n{shown}END")
    assert words(await host.act(who="alice"))[-1] == "did 0"
    assert refusal(await host.act(who="bob")) == "begun-anew"
    assert host.acted == [f"restart -- {UNIT}"]


@pytest.mark.parametrize("below", ["", "job.scope"])
async def test_a_worker_in_the_control_group_is_busy_whatever_its_name_is_in_its_arguments(
    host: ActingHost, below: str
) -> None:
    host.lives(900, "Runner.Worker", "", below)
    before = int(time.time())
    word, since = refusal(await host.act()).split()
    assert word == "busy"
    assert before <= int(since) + 65 <= time.time()
    assert host.acted == []


async def test_a_worker_is_known_by_its_arguments_too(host: ActingHost) -> None:
    host.lives(900, "renamed", f"{host.root}/bin/Runner.Worker\0spawnclient\0118\x00121\0")
    assert refusal(await host.act()).startswith("busy")


async def test_a_step_that_only_speaks_of_a_worker_is_none(host: ActingHost) -> None:
    host.lives(900, "grep", "grep\0Runner.Worker\0/var/log/syslog\0")
    assert words(await host.act())[-1] == "did 0"


@pytest.mark.parametrize("directory", ["bin", "bin.2.336.0"])
async def test_a_worker_of_that_directory_outside_the_group_is_busy(host: ActingHost, directory: str) -> None:
    host.lists(f"901 00:12 {host.root}/{directory}/Runner.Worker spawnclient 118 121")
    assert refusal(await host.act()).startswith("busy")
    assert host.acted == []


async def test_another_runners_worker_on_the_host_is_none_of_this_ones(host: ActingHost) -> None:
    host.lists(f"901 00:12 {host.root}-2/bin/Runner.Worker spawnclient 118 121")
    assert words(await host.act())[-1] == "did 0"


async def test_a_process_that_cannot_be_looked_at_may_be_a_worker(host: ActingHost) -> None:
    host.lives(905, "", "")
    assert refusal(await host.act()) == "unreadable 1"
    assert host.acted == []


async def test_a_group_that_cannot_be_listed_may_hold_a_worker(host: ActingHost) -> None:
    (host.group / "cgroup.procs").unlink()
    assert refusal(await host.act()) == "unreadable 0"
    host.show(ControlGroup="")
    assert refusal(await host.act()) == "unreadable 0"
    host.show(ControlGroup="/nowhere")
    assert refusal(await host.act()) == "unreadable 0"


async def test_without_a_list_of_processes_nothing_is_done(host: ActingHost) -> None:
    (host.programs / "ps").write_text("#!/bin/sh\nexit 1\n")
    assert refusal(await host.act()) == "unreadable all"


async def test_the_group_of_an_older_systemd_is_found(host: ActingHost) -> None:
    cgroup = host.place / "cgroup"
    (cgroup / "system.slice").rename(host.place / "kept")
    (cgroup / "systemd").mkdir()
    (host.place / "kept").rename(cgroup / "systemd" / "system.slice")
    (cgroup / "systemd/system.slice" / UNIT / "cgroup.procs").write_text("900\n")
    (host.processes / "900").mkdir()
    (host.processes / "900/comm").write_text("Runner.Worker\n")
    assert refusal(await host.act()).startswith("busy")


TAKEN = (
    "[{} INFO BrokerMessageListener] Acknowledging runner request '4f'.",
    "[{} INFO JobDispatcher] Job request 7 for plan a job b received.",
    "[{} INFO Terminal] WRITE LINE: {}: Running job: Listening for Jobs",
)


@pytest.mark.parametrize("line", TAKEN)
async def test_a_job_that_was_just_taken_and_has_no_worker_yet_is_not_lost(host: ActingHost, line: str) -> None:
    log = host.root / "_diag/Runner_20260902-051401-utc.log"
    stamp = "2026-09-02 05:14:01Z"
    log.write_text(f"[{stamp} INFO Terminal] WRITE LINE: {stamp}: Listening for Jobs\n{line.format(stamp, stamp)}\n")
    assert refusal(await host.act()) == "busy -"
    os.utime(log, (time.time() - 120, time.time() - 120))
    assert words(await host.act())[-1] == "did 0"
    log.write_text(
        f"{line.format(stamp, stamp)}\n"
        f"[{stamp} INFO Terminal] WRITE LINE: {stamp}: Job b completed with result: Failed\n"
    )
    assert words(await host.act())[-1] == "did 0"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"agentId": 8, "gitHubUrl": "%s"}', "other-runner"),
        ('{"agentId": 77, "gitHubUrl": "%s"}', "other-runner"),
        ('{"agentId": "7 ", "gitHubUrl": "%s"}', "other-runner"),
        ('{"agentId": 7.0, "gitHubUrl": "%s"}', "other-runner"),
        ('{"agentId": 7, "agentid": 8, "gitHubUrl": "%s"}', "other-runner"),
        ('{"agentId": 8, "agentName": "x\\", \\"agentId\\": 7, \\"", "gitHubUrl": "%s"}', "other-runner"),
        ('{"agentName": ", \\"agentId\\": 7,", "gitHubUrl": "%s"}', "other-runner"),
        ("", "other-runner"),
        ('{"agentId": 7, "gitHubUrl": "%s-2"}', "other-address"),
        ('{"agentId": 7, "gitHubUrl": "https://github.com/acme"}', "other-address"),
        ('{"agentId": 7, "gitHubUrl": "https://github.example/acme/web"}', "other-address"),
        ('{"agentId": 7, "gitHubUrl": ""}', "other-address"),
        ('{"agentId": 7}', "other-address"),
        ('{"agentId": 7, "gitHubUrl": "%s", "GITHUBURL": "https://github.com/acme/api"}', "other-address"),
    ],
)
async def test_another_runners_directory_is_left_alone(host: ActingHost, text: str, reason: str) -> None:
    (host.root / ".runner").write_text(text.replace("%s", ADDRESS))
    assert refusal(await host.act()) == reason
    assert host.acted == []


@pytest.mark.parametrize(
    "text",
    [
        '{"agentid":"7","GITHUBURL":"HTTPS://GitHub.com/Acme/Web/"}',
        '{\r\n  "AgentId" : 7 ,\r\n  "gitHubUrl" : "https:\\/\\/github.com\\/acme\\/web"\r\n}',
        '{"agentName": "a\\"}, {\\"agentId\\": 9", "agentId": 7, "gitHubUrl": "%s"}',
    ],
)
async def test_its_own_settings_are_known_in_any_spelling(host: ActingHost, text: str) -> None:
    (host.root / ".runner").write_bytes(b"\xef\xbb\xbf" + text.replace("%s", ADDRESS).encode())
    assert words(await host.act())[-1] == "did 0"


async def test_a_runner_without_an_address_is_acted_on_only_by_its_id(host: ActingHost) -> None:
    assert refusal(await host.act(address="-")) == "other-address"
    for text in ('{"agentId": 7}', '{"agentId": 7, "gitHubUrl": ""}', '{"agentId": 7, "gitHubUrl": null}'):
        host.settings(text)
        assert words(await host.act(address="-"))[-1] == "did 0"


async def test_what_the_server_has_pushed_goes_first(host: ActingHost) -> None:
    host.settings(agentId=8, gitHubUrl=ADDRESS, name=".runner_migrated")
    assert refusal(await host.act()) == "other-runner"
    host.settings("not json", name=".runner_migrated")
    assert refusal(await host.act()) == "other-runner"


async def test_settings_that_are_a_link_or_missing_are_no_proof(host: ActingHost) -> None:
    (host.root / ".runner").rename(host.root / "elsewhere")
    assert refusal(await host.act()) == "no-settings"
    (host.root / ".runner").symlink_to("elsewhere")
    assert refusal(await host.act()) == "no-settings"


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        ({"LoadState": "not-found"}, "no-unit not-found"),
        ({"LoadState": "bad-setting"}, "no-unit bad-setting"),
        ({"LoadState": "masked"}, "masked"),
        ({"WorkingDirectory": "/"}, "other-directory"),
        ({"WorkingDirectory": ""}, "other-directory"),
        ({"WorkingDirectory": "/nonexistent"}, "other-directory"),
    ],
)
async def test_a_unit_that_is_not_the_runners_is_left_alone(
    host: ActingHost, shown: dict[str, str], reason: str
) -> None:
    host.show(**shown)
    assert refusal(await host.act()) == reason
    assert host.acted == []


async def test_a_runner_without_unit_or_directory_is_left_alone(host: ActingHost) -> None:
    frames = await host.run("service-act", "restart", "-", str(host.root), "7", ADDRESS, "-", "alice")
    assert refusal(frames) == "no-unit"
    frames = await host.run("service-act", "restart", UNIT, f"{host.root}/gone", "7", ADDRESS, "-", "alice")
    assert refusal(frames) == "no-directory"


async def test_a_directory_that_is_reached_by_a_link_is_its_real_one(host: ActingHost) -> None:
    (host.place / "link").symlink_to(host.root)
    host.show(WorkingDirectory=f"!{host.place}/link")
    assert words(await host.act())[-1] == "did 0"


async def test_an_update_is_not_disturbed(host: ActingHost) -> None:
    log = host.root / "_diag/SelfUpdate-20260902-051401.log"
    log.touch()
    assert refusal(await host.act()) == "updating"
    log.rename(f"{log}.succeed")
    (host.root / "_work/_update").mkdir()
    assert refusal(await host.act()) == "updating"
    (host.root / "_work/_update").rmdir()
    host.lists(f"/bin/bash {host.root}/_work/_update.sh")
    assert refusal(await host.act()) == "updating"
    host.lists()
    host.lives(906, "bash", "/bin/bash\0/elsewhere/_update.sh\0")
    assert refusal(await host.act()) == "updating"
    assert host.acted == []


async def test_an_update_that_was_broken_off_long_ago_is_over(host: ActingHost) -> None:
    log = host.root / "_diag/SelfUpdate-20260902-051401.log"
    log.touch()
    os.utime(log, (time.time() - 3600, time.time() - 3600))
    assert words(await host.act())[-1] == "did 0"


SUDO_SAYS = {
    "sudo: a password is required\n": "sudo-password",
    "sudo: sorry, you must have a tty to run sudo\n": "sudo-tty",
    "Sorry, user ops is not allowed to execute it as root on web.\n": "sudo-not-allowed",
    "ops is not in the sudoers file.\n": "sudo-not-allowed",
    "": "sudo-not-allowed",
    "sudo: unable to open audit system: Permission denied\n": "sudo-unknown",
}


@pytest.mark.parametrize("said", SUDO_SAYS)
async def test_what_sudo_says_is_told_apart_and_nothing_is_done(host: ActingHost, said: str) -> None:
    host.sudo_says(said)
    frames = await host.act()
    assert refusal(frames) == SUDO_SAYS[said]
    assert frames[-1].data.decode() == said.rstrip("\n")
    assert host.acted == []


async def test_sudo_that_says_no_only_when_it_is_run_has_done_nothing(host: ActingHost) -> None:
    host.sudo_says("sudo: a password is required\n", when="")
    assert words(await host.act())[-2:] == [f"doing restart {UNIT}", "refused sudo-password"]
    assert host.acted == []


async def test_a_host_that_does_not_know_its_own_name_is_told_as_any_other(host: ActingHost) -> None:
    host.sudo_says("sudo: unable to resolve host web: Name or service not known\nJob failed.\n", when="")
    assert words(await host.act())[-2:] == [f"doing restart {UNIT}", "did 1"]
    host.sudo_says("sudo: unable to resolve host web: Name or service not known\n")
    assert refusal(await host.act()) == "sudo-not-allowed"


async def test_a_host_without_sudo_is_told_as_such(host: ActingHost) -> None:
    host.hosts.hide("sudo")
    assert refusal(await host.act()) == "no-sudo"


async def test_sudo_that_allows_another_unit_allows_nothing(host: ActingHost) -> None:
    host.allow(f"{host.systemctl} restart -- actions.runner.acme-web.linux-02.service")
    assert refusal(await host.act()) == "sudo-not-allowed"


async def test_of_two_at_once_one_acts_and_the_other_is_told_who(host: ActingHost) -> None:
    host.holds()
    acting = {asyncio.create_task(host.act(who=who)): who for who in ("alice", "bob")}
    (late,), (first,) = await asyncio.wait(acting, return_when=asyncio.FIRST_COMPLETED)
    assert refusal(late.result()) == "locked"
    await host.begun()
    later = await host.act(who="carol")
    assert refusal(later) == "locked"
    assert later[-1].data.decode().startswith(f"{acting[first]}: restart, since 20")
    host.released()
    assert words(await first)[-1] == "did 0"
    assert host.acted == [f"restart -- {UNIT}"]
    assert list(host.notes.iterdir()) == []


async def test_a_look_keeps_nobody_from_acting(host: ActingHost) -> None:
    looks = asyncio.gather(*(host.hosts.ask("h", SCRIPTS["service-state"], UNIT, str(host.root)) for _ in range(4)))
    assert words(await host.act())[-1] == "did 0"
    await looks


async def test_while_somebody_acts_a_look_says_who(host: ActingHost) -> None:
    host.holds()
    acting = asyncio.create_task(host.act())
    await host.begun()
    answer = await host.hosts.ask("h", SCRIPTS["service-state"], UNIT, str(host.root))
    said = {" ".join((frame.word, *frame.fields)): frame.data for frame in answer.frames}
    assert said["fact note"].startswith(b"alice: restart, since ")
    assert "lock held" in said
    host.released()
    assert words(await acting)[-1] == "did 0"


async def test_a_host_without_flock_is_acted_on_and_it_is_said(host: ActingHost) -> None:
    host.hosts.hide("flock")
    assert words(await host.act())[:2] == ["lock none", "note none"]
    assert host.acted == [f"restart -- {UNIT}"]


async def test_the_directory_is_locked_where_there_is_no_service_file(host: ActingHost) -> None:
    (host.root / ".service").unlink()
    (host.root / ".service").symlink_to("/etc/passwd")
    host.holds()
    acting = [asyncio.create_task(host.act()) for _ in range(2)]
    (late,), (first,) = await asyncio.wait(acting, return_when=asyncio.FIRST_COMPLETED)
    assert refusal(late.result()) == "locked"
    host.released()
    assert words(await first)[-1] == "did 0"


async def test_planted_notes_do_no_harm(host: ActingHost) -> None:
    precious = host.place / "precious"
    precious.write_text("kept")
    host.when_acted(f"ls {host.notes} >{host.place}/names; stat -c %a {host.notes}/* >{host.place}/modes")
    await host.act()
    (name,) = (host.place / "names").read_text().split()
    assert (host.place / "modes").read_text() == "644\n"
    planted = name.rsplit(".", 1)[0]
    (host.notes / f"{planted}.aaaaaaaa").symlink_to(precious)
    os.mkfifo(host.notes / f"{planted}.bbbbbbbb")
    (host.notes / f"{planted}.$(touch x)").write_text("\x1b[2Jplanted\n")
    assert words(await host.act())[-1] == "did 0"
    assert precious.read_text() == "kept"


async def test_a_directory_that_others_may_clear_gets_no_note(host: ActingHost) -> None:
    host.notes.chmod(0o777)
    assert words(await host.act())[:2] == ["lock held", "note none"]


async def test_an_act_that_nobody_hears_of_any_more_is_seen_to_its_end_once(host: ActingHost) -> None:
    host.holds()
    async with host.hosts.act("h", ACT, *given(host), within=60) as frames:
        assert "doing" in [frame.word async for frame in until(frames, "doing")]
        await host.begun()
        host.hosts.running[0].go_away()
    host.released()
    async with asyncio.timeout(60):
        while list(host.notes.iterdir()):
            await asyncio.sleep(0.05)
    assert (host.programs / "ended").read_text() == "ended\n"
    assert host.acted == [f"restart -- {UNIT}"]


@pytest.mark.parametrize("shell", SHELLS)
async def test_nothing_begins_before_it_was_heard_that_the_script_is_ready(tmp_path: Path, shell: str) -> None:
    host = ActingHost(tmp_path, shell)
    host.hosts.silent = True
    async with host.hosts.stream("h", ACT, *given(host)):
        await asyncio.sleep(0.5)
    assert not (host.programs / "sudo-asked").exists()
    assert host.acted == []


async def test_one_that_is_left_before_it_acts_does_nothing(host: ActingHost) -> None:
    left, sudo = host.programs / "left", host.programs / "sudo"
    sudo.rename(host.programs / "real-sudo")
    waiting = f"until [ -s {left} ]; do sleep 0.02; done; while kill -0 $(cat {left}); do sleep 0.02; done"
    program(host.programs, "sudo", f'#!/bin/sh\n{waiting}\nexec {host.programs}/real-sudo "$@"\n')
    async with host.hosts.act("h", ACT, *given(host), within=60) as frames:
        async for frame in frames:
            if frame.fields == ("workers",):
                break
        left.write_text(str(host.hosts.running[0].pid))
    assert host.acted == []
    assert list(host.notes.iterdir()) == []


async def test_nothing_that_lies_in_its_directories_is_ever_taken_for_shell(host: ActingHost) -> None:
    for name in ("$(touch made)", "`touch made`", "a\nb", "-rf", "'; touch made; '", "\x1b[2J"):
        for place in (host.root, host.root / "_diag", host.root / "_work", host.notes):
            (place / name).touch()
            (place / f"SelfUpdate-{name}.log.failed").touch()
            (place / f"Runner_{name}-utc.log").write_text("Listening for Jobs")
    assert words(await host.act())[-1] == "did 0"
    await host.hosts.ask("h", SCRIPTS["service-state"], UNIT, str(host.root))
    assert not list(host.place.rglob("made"))
    assert not Path("made").exists()
