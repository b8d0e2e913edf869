"""What has been learned so far, merged from pages as they arrive; makes the `FleetSnapshot`.

It decides two things that no single answer of GitHub says: when a runner is gone, and since when one idles.
"""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from msgspec.structs import replace

from console.fleet.lately import ENDED_WITHIN
from console.fleet.models import (
    FleetSnapshot,
    GroupKey,
    Job,
    JobKey,
    Repository,
    Run,
    RunKey,
    Runner,
    RunnerGroup,
    RunnerKey,
)
from console.fleet.release import Releases
from console.fleet.server import Meta
from console.operations.facts import Facts

LOOKS_UNTIL_GONE = 2
UNSEEN = timedelta(minutes=10)
"""A runner that did not idle and was not looked at for so long may have begun to long before it is seen idle."""
WENT_WITHIN = timedelta(minutes=15)
"""A runner that was last seen online longer ago may have gone offline at any time since."""
WATCHED_ON = timedelta(minutes=2)
"""A runner that idled at the end of one session, and so soon after it at the start of the next, idled all the while.
One that was at work then, or that a list so long ago lacked, has not idled for longer."""
ENDED = frozenset({"completed"})
HELD = ("waiting", "pending")
ASKED = "action_required"


class Known:
    """The facts of one context. Every method takes whole answers; nothing here waits or asks."""

    def __init__(self) -> None:
        self.runners: Facts[RunnerKey, Runner] = Facts()
        self.groups: Facts[GroupKey, RunnerGroup] = Facts()
        self.repositories: Facts[str, Repository] = Facts()
        self.runs: Facts[RunKey, Run] = Facts()
        self.jobs: Facts[JobKey, Job] = Facts()
        self.releases: Facts[str, Releases] = Facts()
        self.server: Meta | None = None
        self.enterprises: tuple[str, ...] = ()
        """Watched scopes whose runners may have done any job."""
        self._idle_since: Facts[RunnerKey, datetime] = Facts()
        self._idle_longer: Facts[RunnerKey, bool] = Facts()
        self._busy_since: Facts[RunnerKey, datetime] = Facts()
        self._went_offline: Facts[RunnerKey, datetime] = Facts()
        self._last_online: Facts[RunnerKey, datetime] = Facts()
        self._online_at: dict[RunnerKey, datetime] = {}
        self._looks_without: Facts[RunnerKey, int] = Facts()
        self._jobs_of_run: dict[RunKey, frozenset[JobKey]] = {}
        self._last_job_end: dict[RunnerKey, datetime] = {}
        self._not_idle_at: dict[RunnerKey, datetime] = {}
        """When it was last seen at work or offline, or was not registered yet."""
        self._whole_at: dict[str, datetime] = {}
        """When the list of each scope was last read whole, be it in an earlier session."""
        self._listed: set[RunnerKey] = set()
        """Runners that were seen since the start, and not only remembered."""
        self._read_attempt: dict[RunKey, tuple[int, datetime]] = {}
        self.approvals: dict[str, frozenset[RunKey]] = {}
        """Per repository: finished runs that wait for somebody to approve them."""
        self.held: dict[str, frozenset[RunKey]] = {}
        """Per repository: runs that wait for an approval or for their concurrency group, as last listed."""

    def seed(self, old: FleetSnapshot) -> None:
        """Start from what was remembered. Idle times go on if somebody looks again soon (`WATCHED_ON`).

        Jobs of a run that has ended do not change, so that they need not be read again.
        """
        self.runners.put_all(old.runners.items())
        self.groups.put_all(old.groups.items())
        self.repositories.put_all(old.repositories.items())
        self.runs.put_all(old.runs.items())
        for key, job in old.jobs.items():
            self.add_job(job)
            self._jobs_of_run[job.run_key] = self._jobs_of_run.get(job.run_key, frozenset()) | {key}
        for run_key, keys in self._jobs_of_run.items():
            ended = self.runs.get(run_key)
            if ended is not None and ended.status in ENDED and all(_is_settled(old.jobs[key]) for key in keys):
                self._read_attempt[run_key] = (ended.attempt, ended.updated_at)
        for run_key, run in old.runs.items():
            if run.conclusion == ASKED:
                _add(self.approvals, run_key)
            elif run.status in HELD:
                _add(self.held, run_key)
        self._idle_since.put_all(old.idle_since.items())
        self._idle_longer.put_all((runner, True) for runner in old.idle_longer)
        for each in old.freshness:
            if each.kind == "runners" and each.looked_at is not None:
                self._whole_at[each.place] = each.looked_at
        self._went_offline.put_all(old.went_offline.items())
        self._last_online.put_all(old.last_online.items())
        for runner_key, runner in old.runners.items():
            seen = self._whole_at.get(runner_key.scope)
            if runner.online and seen is not None:
                self._online_at[runner_key] = seen
        self.server = old.server

    def add_runners(self, runners: Iterable[Runner], at: datetime) -> None:
        """One page, or one runner that was read alone."""
        for runner in runners:
            key = runner.key
            if key not in self._listed:
                self._seen_first(key, at)
            self.runners.put(key, runner)
            self._looks_without.drop(key)
            self._listed.add(key)
            self._note_presence(runner, at)
            if not runner.busy:
                self._busy_since.drop(key)
            elif key not in self._busy_since or at - self._not_idle_at.get(key, at) > UNSEEN:
                self._busy_since.put(key, at)
            if not runner.idle:
                self._not_idle_at[key] = at
                self._idle_since.drop(key)
                self._idle_longer.drop(key)
            elif key not in self._idle_since:
                self._idle_since.put(key, self._idle_from(key, at))
                before = self._not_idle_at.get(key)
                if before is None or at - before > UNSEEN:
                    self._idle_longer.put(key, True)

    def _note_presence(self, runner: Runner, at: datetime) -> None:
        key = runner.key
        if runner.online:
            self._online_at[key] = at
            self._went_offline.drop(key)
            self._last_online.drop(key)
            return
        online = self._online_at.pop(key, None)
        if online is not None and at - online <= WENT_WITHIN:
            self._went_offline.put(key, at)
            self._last_online.put(key, online)

    def _seen_first(self, key: RunnerKey, at: datetime) -> None:
        """Since the start. Where nobody has watched for a while, what is remembered of its idling counts no more."""
        read, before = self._whole_at.get(key.scope), self.runners.get(key)
        if read is None or at - read > WATCHED_ON:
            self._idle_since.drop(key)
            self._idle_longer.drop(key)
        elif before is None or not before.idle:
            self._not_idle_at[key] = read

    def _idle_from(self, key: RunnerKey, at: datetime) -> datetime:
        """At first sight: the end of its last known job. One that did not idle before does from now or a moment ago."""
        end = self._last_job_end.get(key)
        if end is None or (key in self._not_idle_at and at - end > timedelta(minutes=2)):
            return at
        return min(end, at)

    def scope_is_whole(
        self, scope: str, seen: Collection[RunnerKey], began: datetime, *, doubtful: bool = False
    ) -> None:
        """The list of this scope was read to its end. Who is missing for the second time is gone.

        Who was only remembered is gone at once: the last look that had it was that of another session. Where entries
        were `doubtful`, which could have been anybody's, who is missing stays so.
        """
        if not doubtful:
            self._whole_at[scope] = began
        for key in self.runners:
            if key.scope != scope:
                continue
            if key in seen:
                self._looks_without.drop(key)
                continue
            looks = (self._looks_without.get(key) or 0) + 1
            if not doubtful and (looks >= LOOKS_UNTIL_GONE or key not in self._listed):
                self.runner_is_gone(key)
            else:
                self._looks_without.put(key, 1)

    def runner_is_gone(self, key: RunnerKey) -> None:
        """GitHub said 404 to its own address, or two whole lists lacked it."""
        self.runners.drop(key)
        self._looks_without.drop(key)
        self._idle_since.drop(key)
        self._idle_longer.drop(key)
        self._busy_since.drop(key)
        self._went_offline.drop(key)
        self._last_online.drop(key)
        self._online_at.pop(key, None)
        self._not_idle_at.pop(key, None)
        self._listed.discard(key)
        self._last_job_end.pop(key, None)

    def set_groups(self, scope: str, groups: Iterable[RunnerGroup]) -> None:
        """All groups of one scope."""
        now = {group.key: group for group in groups}
        for key in self.groups:
            if key.scope == scope and key not in now:
                self.groups.drop(key)
        self.groups.put_all(now.items())

    def add_runs(self, runs: Iterable[Run]) -> None:
        """As they were listed. Lists overtake one another: one that is older than what is known changes nothing."""
        for run in runs:
            known = self.runs.get(run.key)
            if known is None or (run.attempt, run.updated_at) >= (known.attempt, known.updated_at):
                self.runs.put(run.key, run)

    def set_jobs(self, run: RunKey, pages: Iterable[tuple[Job, ...]], at: datetime | None = None) -> None:
        """All jobs of a run's latest attempt; those of an earlier attempt that are no longer listed go."""
        jobs = [job for page in pages for job in page]
        keys = frozenset(job.key for job in jobs)
        for key in self._jobs_of_run.get(run, frozenset()) - keys:
            self.jobs.drop(key)
        self._jobs_of_run[run] = keys
        for job in jobs:
            self.add_job(job, at)
        known_run = self.runs.get(run)
        if known_run is not None:
            self._read_attempt[run] = (known_run.attempt, known_run.updated_at)

    def lacks_jobs_of(self, run: Run) -> bool:
        """Its jobs were never read, or something happened to it since."""
        return self._read_attempt.get(run.key) != (run.attempt, run.updated_at)

    def add_job(self, job: Job, at: datetime | None = None) -> None:
        """One job, read `at` then, alone or with its run. What it says about its runner's last work is noted."""
        before = self.jobs.get(job.key)
        if before is not None and job.queued and (before.let_go_at is not None or before.status in HELD):
            job = replace(job, let_go_at=before.let_go_at or at)
        self.jobs.put(job.key, job)
        if job.runner_id is None or job.completed_at is None:
            return
        owner = job.repository.partition("/")[0]
        for scope in (f"org:{owner}", f"repo:{job.repository}", *self.enterprises):
            key = RunnerKey(scope, job.runner_id)
            runner = self.runners.get(key)
            if runner is not None and runner.name == job.runner_name:
                self._note_end(key, job.completed_at)

    def _note_end(self, key: RunnerKey, end: datetime) -> None:
        before = self._last_job_end.get(key)
        if before is not None and before >= end:
            return
        self._last_job_end[key] = end
        since = self._idle_since.get(key)
        if since is not None and (end > since or key not in self._not_idle_at):
            self._idle_since.put(key, end)
            if end > since:
                self._idle_longer.drop(key)

    def read_jobs(self) -> list[Job]:
        """Jobs whose steps are known too: their run has been read since the start, or had ended before."""
        return [job for _, job in self.jobs.items() if job.run_key in self._read_attempt]

    def active_runs(self, repository: str) -> set[RunKey]:
        """Runs of this repository that had not ended when they were last read."""
        return {key for key, run in self.runs.items() if key.repository == repository and run.status not in ENDED}

    def forget_old(self, now: datetime, watched: AbstractSet[str]) -> None:
        """Drop what finished long ago, and what belongs to repositories that are no longer watched."""
        for key, run in self.runs.items():
            old = run.status in ENDED and run.updated_at < now - ENDED_WITHIN
            asked_for = key in self.approvals.get(key.repository, frozenset())
            if (old and not asked_for) or key.repository not in watched:
                self.runs.drop(key)
        for by_repository in (self.approvals, self.held):
            for name in by_repository.keys() - watched:
                del by_repository[name]
        for gone in [key for key in self._jobs_of_run if key not in self.runs]:
            del self._jobs_of_run[gone]
            self._read_attempt.pop(gone, None)
        for job_key, job in self.jobs.items():
            if job.run_key not in self.runs:
                self.jobs.drop(job_key)

    def snapshot(self, now: datetime) -> FleetSnapshot:
        """The facts alone; the watch adds how old they are. Parts without a change are the same objects as before."""
        return FleetSnapshot(
            taken_at=now,
            runners=self.runners.frozen(),
            missing=self._looks_without.keys(),
            idle_since=self._idle_since.frozen(),
            idle_longer=self._idle_longer.keys(),
            busy_since=self._busy_since.frozen(),
            went_offline=self._went_offline.frozen(),
            last_online=self._last_online.frozen(),
            groups=self.groups.frozen(),
            repositories=self.repositories.frozen(),
            runs=self.runs.frozen(),
            jobs=self.jobs.frozen(),
            releases=self.releases.frozen(),
            server=self.server,
        )


def _is_settled(job: Job) -> bool:
    """It has ended, and all is known of it."""
    return job.completed_at is not None and bool(job.steps)


def _add(runs: dict[str, frozenset[RunKey]], key: RunKey) -> None:
    runs[key.repository] = runs.get(key.repository, frozenset()) | {key}
