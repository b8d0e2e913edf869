"""Runners, groups, runs and jobs of the pretend world as GitHub's JSON."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from console.simulator.inhabitants import Cache, Enterprise, Group, Job, Release, Repository, Run, Runner, Step
from console.simulator.job_logs import Annotation
from console.simulator.places import Json, Places, encoded, node_id, timestamp

# "No runner yet" comes in three shapes; which one depends on the job.
NO_RUNNER: tuple[Json, ...] = (
    {"runner_id": 0, "runner_name": "", "runner_group_id": 0, "runner_group_name": ""},
    {"runner_id": None, "runner_name": None, "runner_group_id": None, "runner_group_name": None},
    {"runner_id": None, "runner_name": "", "runner_group_id": None, "runner_group_name": ""},
)


@dataclass(frozen=True, slots=True)
class Answers(Places):
    """Everything that is told, for one base address."""

    plain_runners: bool = False
    """Older servers tell neither a runner's version nor whether it is ephemeral."""

    def runner(self, runner: Runner) -> bytes:
        """Kept until the runner changes: a page of a hundred must cost next to nothing."""
        key = "plain" if self.plain_runners else "whole"
        kept = runner.rendered.get(key)
        if kept is None:
            kept = runner.rendered[key] = encoded(self._runner(runner))
        return kept

    def _runner(self, runner: Runner) -> Json:
        made: Json = {
            "id": runner.id,
            "name": runner.name,
            "os": runner.os,
            "status": runner.status,
            "busy": runner.busy,
            "labels": self.labels(runner),
        }
        if runner.group is not None:
            made["runner_group_id"] = runner.group.id
        if not self.plain_runners:
            made |= {"ephemeral": runner.ephemeral, "version": runner.version}
        return made

    def labels(self, runner: Runner) -> list[Json]:
        """Of one runner."""
        return [{"id": label.id, "name": label.name, "type": label.type} for label in runner.labels]

    def group(self, group: Group) -> Json:
        """Only groups of selected repositories, or organisations, tell where these are."""
        of_enterprise = isinstance(group.organization, Enterprise)
        place = "enterprises" if of_enterprise else "orgs"
        base = f"{self.api}/{place}/{group.organization.login}/actions/runner-groups/{group.id}"
        made: Json = {
            "id": group.id,
            "name": group.name,
            "visibility": group.visibility,
            "default": group.default,
            "runners_url": f"{base}/runners",
            "hosted_runners_url": f"{base}/hosted-runners",
            "allows_public_repositories": group.allows_public_repositories,
            "workflow_restrictions_read_only": False,
            "restricted_to_workflows": group.workflows is not None,
            "selected_workflows": list(group.workflows or ()),
        }
        if not of_enterprise:
            made["inherited"] = group.parent is not None
        if group.parent is not None:
            made["inherited_allows_public_repositories"] = group.parent.allows_public_repositories
        if group.visibility == "selected":
            whom = "organizations" if of_enterprise else "repositories"
            made[f"selected_{whom}_url"] = f"{base}/{whom}"
        return made

    def run(self, run: Run, pull_requests: bool) -> bytes:
        """Kept until it changes."""
        key = f"{self.api}#{pull_requests}"
        kept = run.rendered.get(key)
        if kept is None:
            kept = run.rendered[key] = encoded(self._run(run, pull_requests))
        return kept

    def _run(self, run: Run, pull_requests: bool) -> Json:
        repository = run.repository
        base = f"{self.api}/repos/{repository.full_name}"
        url = f"{base}/actions/runs/{run.id}"
        actor = self.account(run.actor)
        suite = run.id + 21_000_000_000
        return {
            "id": run.id,
            "name": run.workflow.name,
            "node_id": node_id("WFR", run.id),
            "head_branch": run.branch,
            "head_sha": run.head_sha,
            "path": run.workflow.path,
            "display_title": run.title,
            "run_number": run.number,
            "event": run.event,
            "status": run.status,
            "conclusion": run.conclusion,
            "workflow_id": run.workflow_id,
            "check_suite_id": suite,
            "check_suite_node_id": node_id("CS", suite),
            "url": url,
            "html_url": f"{self.web}/{repository.full_name}/actions/runs/{run.id}",
            "pull_requests": self._pull_requests(run, base) if pull_requests else [],
            "created_at": timestamp(run.created_at),
            "updated_at": timestamp(run.updated_at),
            "actor": actor,
            "run_attempt": run.attempt,
            "referenced_workflows": [],
            "run_started_at": timestamp(run.started_at or run.created_at),
            "triggering_actor": self.account(run.started_by or run.actor),
            "jobs_url": f"{url}/jobs",
            "logs_url": f"{url}/logs",
            "check_suite_url": f"{base}/check-suites/{suite}",
            "artifacts_url": f"{url}/artifacts",
            "cancel_url": f"{url}/cancel",
            "rerun_url": f"{url}/rerun",
            "previous_attempt_url": f"{url}/attempts/{run.attempt - 1}" if run.attempt > 1 else None,
            "workflow_url": f"{base}/actions/workflows/{run.workflow_id}",
            "head_commit": self._commit(run),
            "repository": self.repository_in_run(repository),
            "head_repository": self.repository_in_run(repository),
        }

    def _commit(self, run: Run) -> Json:
        author = {"name": run.actor.login, "email": f"{run.actor.login}@users.noreply.example.com"}
        return {
            "id": run.head_sha,
            "tree_id": run.head_sha[::-1],
            "message": run.title,
            "timestamp": timestamp(run.created_at),
            "author": author,
            "committer": author,
        }

    def _pull_requests(self, run: Run, base: str) -> list[Json]:
        if run.event != "pull_request" or run.fork:
            return []
        place = {"id": run.repository.id, "url": base, "name": run.repository.name}
        number = 100 + run.number
        return [
            {
                "url": f"{base}/pulls/{number}",
                "id": run.id - 15_000_000_000,
                "number": number,
                "head": {"ref": run.branch, "sha": run.head_sha, "repo": place},
                "base": {"ref": "main", "sha": run.head_sha[::-1], "repo": place},
            }
        ]

    def job(self, job: Job, now: datetime) -> bytes:
        """Kept until it changes, but for a running one, whose steps go on."""
        if job.status == "in_progress":
            return encoded(self._job(job, now))
        kept = job.rendered.get(self.api)
        if kept is None:
            kept = job.rendered[self.api] = encoded(self._job(job, now))
        return kept

    def _job(self, job: Job, now: datetime) -> Json:
        run = job.run
        base = f"{self.api}/repos/{run.repository.full_name}"
        return {
            "id": job.id,
            "run_id": run.id,
            "workflow_name": run.workflow.name,
            "head_branch": run.branch,
            "run_url": f"{base}/actions/runs/{run.id}",
            "run_attempt": job.attempt,
            "node_id": node_id("CR", job.id),
            "head_sha": run.head_sha,
            "url": f"{base}/actions/jobs/{job.id}",
            "html_url": f"{self.web}/{run.repository.full_name}/actions/runs/{run.id}/job/{job.id}",
            "status": job.status,
            "conclusion": job.conclusion,
            "created_at": timestamp(job.created_at),
            "started_at": timestamp(job.started_at or job.created_at),
            "completed_at": timestamp(job.completed_at),
            "name": job.name,
            "steps": [self._step(job, number, step, now) for number, step in enumerate(job.steps, 1)],
            "check_run_url": f"{base}/check-runs/{job.id}",
            "labels": list(job.labels),
            **self._runner_of(job),
        }

    def _runner_of(self, job: Job) -> Json:
        if job.runner_id is None:
            return NO_RUNNER[job.id % len(NO_RUNNER)]
        return {
            "runner_id": job.runner_id,
            "runner_name": job.runner_name,
            "runner_group_id": job.group_id,
            "runner_group_name": job.group_name,
        }

    def _step(self, job: Job, number: int, step: Step, now: datetime) -> Json:
        started = job.started_at or job.created_at
        begins, ends = (started + timedelta(seconds=seconds) for seconds in (step.begins, step.ends))
        upto = job.completed_at or now
        over = job.status == "completed" and not job.cut_short
        ended, begun = ends <= upto or over, begins <= upto
        return {
            "name": step.name,
            "status": "completed" if ended else "in_progress" if begun else "queued",
            "conclusion": step.conclusion if ended else None,
            "number": number,
            "started_at": timestamp(begins) if begun or ended else None,
            "completed_at": timestamp(ends) if ended else None,
        }

    def annotation(self, job: Job, annotation: Annotation) -> Json:
        """Of a line that a step marked."""
        return {
            "path": ".github",
            "blob_href": f"{self.web}/{job.run.repository.full_name}/blob/{job.run.head_sha}/.github",
            "start_line": annotation.line,
            "start_column": None,
            "end_line": annotation.line,
            "end_column": None,
            "annotation_level": annotation.level,
            "title": "",
            "message": annotation.message,
            "raw_details": "",
        }

    def cache(self, cache: Cache) -> Json:
        """As lists of cache entries have it."""
        return {
            "id": cache.id,
            "ref": cache.ref,
            "key": cache.key,
            "version": sha256(cache.key.encode()).hexdigest(),
            "last_accessed_at": timestamp(cache.created_at),
            "created_at": timestamp(cache.created_at),
            "size_in_bytes": cache.size,
        }

    def release(self, repository: Repository, release: Release) -> Json:
        """With its assets. A draft has no page under its tag yet."""
        base = f"{self.api}/repos/{repository.full_name}"
        web = f"{self.web}/{repository.full_name}/releases"
        page = f"untagged-{release.id:020x}" if release.draft else release.tag
        archive = None if release.draft else base
        return {
            "url": f"{base}/releases/{release.id}",
            "assets_url": f"{base}/releases/{release.id}/assets",
            "upload_url": f"{base}/releases/{release.id}/assets{{?name,label}}",
            "html_url": f"{web}/tag/{page}",
            "id": release.id,
            "author": self.account(release.author),
            "node_id": node_id("RE", release.id),
            "tag_name": release.tag,
            "target_commitish": "main",
            "name": release.tag,
            "draft": release.draft,
            "immutable": False,
            "prerelease": False,
            "created_at": timestamp(release.created_at),
            "updated_at": timestamp(release.updated_at),
            "published_at": timestamp(release.published_at),
            "assets": [self._asset(repository, release, place) for place in range(len(release.assets))],
            "tarball_url": archive and f"{archive}/tarball/{release.tag}",
            "zipball_url": archive and f"{archive}/zipball/{release.tag}",
            "body": f"What is new in {release.tag}.",
        }

    def _asset(self, repository: Repository, release: Release, place: int) -> Json:
        name, size = release.assets[place]
        identity = release.id * 10 + place
        return {
            "url": f"{self.api}/repos/{repository.full_name}/releases/assets/{identity}",
            "id": identity,
            "node_id": node_id("RA", identity),
            "name": name,
            "label": "",
            "uploader": self.account(release.author),
            "content_type": "application/gzip",
            "state": "uploaded",
            "size": size,
            "digest": f"sha256:{sha256(f'{identity}'.encode()).hexdigest()}",
            "download_count": 0,
            "created_at": timestamp(release.created_at),
            "updated_at": timestamp(release.updated_at),
            "browser_download_url": f"{self.web}/{repository.full_name}/releases/download/{release.tag}/{name}",
        }
