"""The pretend fleet: who lives in it, and how it changes with time and with what is done to it."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Literal

from console.simulator.clock import WorldClock
from console.simulator.diary import Words
from console.simulator.dispatch import Dispatch
from console.simulator.faults import Faults
from console.simulator.host_tree import free_of, sizes_of
from console.simulator.incidents import Standing
from console.simulator.inhabitants import (
    CURRENT_VERSION,
    Account,
    Enterprise,
    Group,
    Job,
    Label,
    Outage,
    Repository,
    Run,
    Runner,
    Service,
)
from console.simulator.limits import Limits
from console.simulator.listener_trouble import BAD_REQUEST, UNAVAILABLE
from console.simulator.listener_words import launched, started, stopped
from console.simulator.registrations import Registrations
from console.simulator.runs import Runs
from console.simulator.shelf import Shelf
from console.simulator.timeline import Timeline
from console.simulator.tokens import DEMO_TOKEN, Token
from console.simulator.workflows import Stream, WorkflowPlan

WARM_UP = timedelta(minutes=40)
"""How long a world has lived before anybody looks."""
NEEDED = 2_000_000
"""KiB that a job needs."""
READ_ONLY = {"self-hosted", "linux", "macos", "windows", "x64", "arm64"}
ACTORS = ("mona-dev", "build-bot", "hubot-deploys", "octo-kit", "dependency-bot")


class World:
    """Everything that is true in a pretend fleet. Take `lock` to touch it from another thread than the server's."""

    def __init__(self, clock: WorldClock, seed: int = 1, warm_up: timedelta = WARM_UP) -> None:
        self.clock = clock
        self.opens_at = clock.now().replace(microsecond=0)
        self.random = Random(seed)  # noqa: S311 (a pretend world must be repeatable, not secret)
        self.timeline = Timeline(self.opens_at - warm_up)
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[str, Repository] = {}
        self.moved: dict[str, Repository] = {}
        """Repositories by the names they had before."""
        self.enterprises: dict[str, Enterprise] = {}
        self.groups: dict[str, dict[int, Group]] = {}
        """By the login of an organisation, or by the scope of an enterprise."""
        self.runners: dict[str, dict[int, Runner]] = {}
        self.dispatch = Dispatch(self.timeline, self.random, self._job_finished)
        self.runs = Runs(self.timeline, self.random, self.dispatch)
        self.shelf = Shelf(self.timeline)
        self.registrations = Registrations(self.timeline, self.random)
        self.outages: dict[str, Outage] = {}
        """Of what jobs use beside the API, by name."""
        self.refuses_jit: set[str] = set()
        """Scopes whose new runners for one job get BadRequest, until an ordinary one is registered there."""
        self.directories: set[tuple[str, str]] = set()
        """Made for runners started just in time, each on its host. They stay when the runner is used up."""
        self.faults = Faults()
        self.standing = Standing()
        self.limits = Limits()
        self.ghes_version: str | None = None
        """Set, it answers as GitHub Enterprise Server of that version does."""
        self.latest_runner = CURRENT_VERSION
        """The newest version of the runner that is out."""
        self.version_ends: dict[str, datetime] = {}
        """When GitHub stops giving jobs to a version; of others that are not the newest, some day."""
        self.requests = 0
        self._ids = 1000
        self._label_ids: dict[str, int] = {}
        self.actors = tuple(self.add_account(login, "User") for login in ACTORS)
        self.tokens: dict[str, Token] = {DEMO_TOKEN: Token(self.actors[0])}

    def advance(self) -> None:
        """Let everything happen that the clock has passed."""
        self.timeline.advance(self.clock.now())

    def wants_single_sign_on(self, organization: Account) -> bool:
        """Whether tokens have to be authorised for it now."""
        return "sso" in self.faults.striking(f"/orgs/{organization.login}", self.timeline.now, self.requests)

    # Who lives here

    def add_account(self, login: str, kind: Literal["Organization", "User"] = "Organization") -> Account:
        """An organisation comes with its default runner group."""
        account = Account(self.next_id(), login, kind)
        self.accounts[login.lower()] = account
        if kind == "Organization":
            self.groups[login.lower()] = {}
            self.runners[f"org:{login}"] = {}
            self.add_group(login, "Default", default=True)
        return account

    def add_repository(self, full_name: str, *, private: bool = True, description: str = "") -> Repository:
        """`full_name` is `owner/name`; the owner lives here already."""
        owner, _, name = full_name.partition("/")
        born = self.timeline.now - timedelta(days=self.random.randint(90, 1500))
        pushed = self.timeline.now - timedelta(hours=self.random.uniform(1, 400))
        identity = 310_000_000 + self.next_id() * 97
        repository = Repository(identity, self.accounts[owner.lower()], name, private, born, pushed, description)
        self.repositories[full_name.lower()] = repository
        self.runners[f"repo:{full_name}"] = {}
        return repository

    def add_group(
        self,
        organization: str,
        name: str,
        *,
        repositories: Iterable[Repository] | None = None,
        public: bool = False,
        workflows: tuple[str, ...] | None = None,
        default: bool = False,
    ) -> Group:
        """`repositories`: only these may use it; None: all of them."""
        group = Group(
            id=1 if default else self.next_id(),
            organization=self.accounts[organization.lower()],
            name=name,
            visibility="all" if repositories is None else "selected",
            default=default,
            allows_public_repositories=public,
            repositories=list(repositories or ()),
            workflows=workflows,
        )
        self.groups[organization.lower()][group.id] = group
        return group

    def add_runner(
        self,
        name: str,
        os: str,
        labels: Iterable[str],
        *,
        group: Group | None = None,
        repository: Repository | None = None,
        version: str | None = CURRENT_VERSION,
        ephemeral: bool = False,
        status: str = "online",
        host: str = "",
    ) -> Runner:
        """Of the group's organisation or enterprise, else of the repository. It has run for some hours or days."""
        scope = group.scope if group else f"repo:{repository.full_name}" if repository else ""
        made = tuple(self._label(label) for label in labels)
        runner = Runner(self.next_id(), scope, name, os, made, group, version, ephemeral, status, host=host)
        self.runners[scope][runner.id] = runner
        ago = timedelta(seconds=30) if ephemeral else timedelta(minutes=90 + runner.id * 1237 % 5200)
        runner.diary.begin(runner, self.timeline.now - ago, started)
        self.dispatch.regard(runner)
        return runner

    def add_jit_runner(
        self, name: str, labels: Iterable[str], *, group: Group | None = None, repository: Repository | None = None
    ) -> Runner:
        """For one job, with these labels and no others. Nobody has started it yet, so that it is on no machine."""
        scope = group.scope if group else f"repo:{repository.full_name}" if repository else ""
        made = tuple(self._label(label) for label in labels)
        runner = Runner(
            self.next_id(), scope, name, "unknown", made, group, None, ephemeral=True, status="offline", jit=True
        )
        self.runners[scope][runner.id] = runner
        return runner

    def start_jit_runner(self, configuration: str, host: str, os: str = "Linux") -> Runner | None:
        """With what GitHub has given for it. None: that is no good, or not any more."""
        runner = self.registrations.take(configuration)
        if runner is None or runner.id not in self.runners[runner.scope]:
            return None
        runner.host, runner.os, runner.version = host, os, CURRENT_VERSION
        self.restart(runner)
        if runner.scope in self.refuses_jit:
            self.wedge(runner, BAD_REQUEST)
        return runner

    def register_again(self, runner: Runner) -> Runner:
        """`config.sh` was run on its host with the same name: it has another id, and its registration is a good one of
        today."""
        if runner.id in self.runners[runner.scope]:
            self.remove_runner(runner)
        service = Service(sudo=runner.service.sudo, stops_in=runner.service.stops_in)
        anew = replace(runner, id=self.next_id(), status="offline", stuck=False, v2=True, service=service, rendered={})
        self.runners[anew.scope][anew.id] = anew
        self.refuses_jit.discard(anew.scope)
        self.restart(anew)
        return anew

    def add_stream(self, stream: Stream) -> None:
        """Let a workflow start again and again from now on."""
        self.runs.follow(self.repositories[stream.repository.lower()], stream, self.actors)

    def add_stream_at_opening(self, stream: Stream) -> None:
        """Let a workflow start again and again once somebody looks."""
        self.timeline.at(self.opens_at, partial(self.add_stream, stream))

    def start_run(self, repository: str, workflow: WorkflowPlan) -> Run:
        """Start a run now."""
        return self.runs.start(self.repositories[repository.lower()], workflow, self.random.choice(self.actors))

    def start_run_ago(self, repository: str, workflow: WorkflowPlan, **ago: float) -> None:
        """Have one started so long before the world opened (`minutes=14`)."""
        self.timeline.at(self.opens_at - timedelta(**ago), partial(self.start_run, repository, workflow))

    # What can be done to them

    def set_status(self, runner: Runner, status: str) -> None:
        """`online` or `offline`. A job that it runs goes on, as far as GitHub knows."""
        self.dispatch.disregard(runner)
        runner.status = status
        if status == "online" and not runner.diary.running:
            runner.diary.begin(runner, self.timeline.now, started)
        elif status == "offline" and runner.diary.running:
            runner.diary.end(self.timeline.now, stopped)
        self.dispatch.regard(runner)

    def set_busy(self, runner: Runner, busy: bool) -> None:
        """With a job of a repository that nobody here looks at."""
        self.dispatch.disregard(runner)
        runner.busy = busy
        self.dispatch.regard(runner)

    def lose(self, job: Job) -> None:
        """The runner of a running job is cut off: it is offline from now on, and the job has failed."""
        self.dispatch.lose(job)

    def wedge(self, runner: Runner, says: Words = UNAVAILABLE) -> None:
        """Its session is stuck from now on: online, idle, and it takes no job; its listener says why."""
        self.dispatch.disregard(runner)
        runner.stuck = True
        runner.diary.note(says, self.timeline.now)

    def recover(self, runner: Runner, *says: Words) -> None:
        """Its trouble is over by itself: it takes jobs, and its listener says so, if it says such things."""
        self.dispatch.disregard(runner)
        runner.diary.stop_going_on(self.timeline.now)
        for words in says:
            runner.diary.note(words, self.timeline.now)
        runner.stuck = False
        self.dispatch.regard(runner)

    def restart(self, runner: Runner) -> None:
        """Its service is started again: it is online, and its session is a new one."""
        self.dispatch.disregard(runner)
        self._end_listener(runner)
        runner.diary.begin(runner, self.timeline.now, started)
        runner.stuck, runner.hangs, runner.status = False, False, "online"
        self.dispatch.regard(runner)

    def launch(self, runner: Runner, says: Words) -> None:
        """Its service is started again, and has no session yet, as it says: it takes no job."""
        self.dispatch.disregard(runner)
        self._end_listener(runner)
        runner.stuck = True
        runner.diary.begin(runner, self.timeline.now, launched, says)

    def fail_to_start(self, runner: Runner, says: Words, seconds: float) -> None:
        """Its service is started again, gets no session, and ends so long after with those words; it takes no job."""
        self.launch(runner, says)
        begun = runner.diary.starts

        def end() -> None:
            if runner.diary.starts == begun:
                runner.diary.end(self.timeline.now)

        self.timeline.after(seconds, end)

    def free_disk(self, runner: Runner) -> None:
        """There is room again."""
        runner.full = False

    def remove_directory(self, runner: Runner, name: str) -> None:
        """One that can be removed of its directory."""
        runner.free = free_of(runner) + sizes_of(runner)[name]
        runner.removed |= {name}
        runner.full = runner.free < NEEDED

    def relabel(self, runner: Runner, labels: Iterable[str]) -> None:
        """Give it these labels."""
        self.dispatch.disregard(runner)
        runner.labels = tuple(self._label(label) for label in labels)
        self.dispatch.regard(runner)

    def remove_runner(self, runner: Runner) -> None:
        """It is registered no longer."""
        self.set_status(runner, "offline")
        del self.runners[runner.scope][runner.id]

    def change_group(
        self,
        group: Group,
        *,
        admit: Repository | None = None,
        public: bool | None = None,
        workflows: tuple[str, ...] | None = None,
    ) -> None:
        """Admit a repository, public repositories, or other workflows."""
        if admit is not None:
            group.repositories.append(admit)
        if public is not None:
            group.allows_public_repositories = public
        if workflows is not None:
            group.workflows = workflows
        self.dispatch.offer_all()

    def break_service(self, name: str) -> None:
        """What jobs use under this name fails from now on."""
        self.outages[name] = Outage(self.timeline.now)

    def mend_service(self, name: str) -> None:
        """It works again."""
        self.outages[name].ends = self.timeline.now

    def rename(self, repository: Repository, name: str) -> None:
        """Its old address leads to the new one."""
        del self.repositories[repository.full_name.lower()]
        self.moved[repository.full_name.lower()] = repository
        fleet = self.runners.pop(f"repo:{repository.full_name}")
        for runner in fleet.values():
            self.dispatch.disregard(runner)
        repository.name = name
        repository.rendered.clear()
        for run in self.runs.of(repository).values():
            for attempt in (run, *run.before):
                attempt.rendered.clear()
            for job in run.all_jobs():
                job.rendered.clear()
        self.repositories[repository.full_name.lower()] = repository
        self.runners[f"repo:{repository.full_name}"] = fleet
        for runner in fleet.values():
            runner.scope = f"repo:{repository.full_name}"
            self.dispatch.regard(runner)

    # What is true of them

    def runner(self, name: str) -> Runner:
        """By its name, in whatever scope."""
        return next(found for fleet in self.runners.values() for found in fleet.values() if found.name == name)

    def was_down(self, service: str, job: Job) -> bool:
        """Whether it failed when the job began."""
        outage = self.outages.get(service)
        return outage is not None and job.started_at is not None and outage.struck(job.started_at)

    def queued(self) -> tuple[Job, ...]:
        """Jobs without a runner, the oldest first."""
        return tuple(self.dispatch.queue.values())

    def _job_finished(self, job: Job, runner: Runner) -> None:
        if runner.id not in self.runners[runner.scope]:
            pass
        elif runner.ephemeral and not runner.stuck:
            self.remove_runner(runner)
            if not runner.jit:
                self.timeline.after(self.random.uniform(5, 15), partial(self._succeed, runner))
        else:
            self.dispatch.regard(runner)
        self.runs.finished(job)

    def _end_listener(self, runner: Runner) -> None:
        """One whose machine was cut off had no time for a word."""
        if runner.diary.running and runner.status == "online":
            runner.diary.end(self.timeline.now, stopped)
        else:
            runner.diary.end(self.timeline.now)

    def _succeed(self, gone: Runner) -> None:
        name = f"{gone.name.rpartition('-')[0]}-{self.random.getrandbits(20):05x}"
        labels = [label.name for label in gone.labels]
        self.add_runner(name, gone.os, labels, group=gone.group, version=gone.version, ephemeral=True, host=gone.host)

    def _label(self, name: str) -> Label:
        identity = self._label_ids.setdefault(name.lower(), len(self._label_ids) + 1)
        return Label(identity, name, "read-only" if name.lower() in READ_ONLY else "custom")

    def next_id(self) -> int:
        """Of whatever comes to live here."""
        self._ids += 1
        return self._ids
