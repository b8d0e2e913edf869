"""What is asked of GitHub about single things that its lists leave out: one run, one repository, the newest runner."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from console.errors import NotFoundError, NotJsonError, PermissionMissingError
from console.fleet.models import Run, RunKey, Scope
from console.fleet.particulars import ActionsPolicy, Environment, Holder, Unread, WorkflowText
from console.fleet.paths import path_of, repository_path, scope_path
from console.fleet.permissions import (
    READ_ACTIONS,
    READ_FILES,
    READ_NOTHING,
    READ_ORG_SETTINGS,
    READ_REPO_SETTINGS,
    Needs,
    to_read_runners,
)
from console.fleet.versions import RunnerRelease, newest_of
from console.remote import particulars_json
from console.remote.asking import Asking
from console.remote.json_pages import Reader
from console.remote.questions import Question, owner_of

THE_RUNNER = "actions/runner"
"""Where github.com has its releases; everybody may read them."""

REFUSED = (NotFoundError, PermissionMissingError)

M = TypeVar("M")


class Particulars:
    """Of one API. Every method raises `ConsoleError` kinds and nothing else; nothing here waits for an operator."""

    def __init__(self, base: str, asking: Asking, now: Callable[[], datetime]) -> None:
        self._base = base
        self._asking = asking
        self._now = now

    async def latest_runner(self, scopes: Sequence[Scope]) -> RunnerRelease:
        """The newest version of the runner; a server that has no releases of it says which one it hands out."""
        at = self._now()
        url = f"{self._base}{repository_path(THE_RUNNER, 'releases', 'latest')}"
        try:
            found = await self._one(
                Question(url, "the newest release of the runner", "", READ_NOTHING), particulars_json.RUNNER_RELEASE
            )
        except REFUSED:
            return RunnerRelease(await self._handed_out(scopes), at)
        return RunnerRelease(found.version, at, found.published_at)

    async def version_ends(self, scopes: Sequence[Scope], versions: Sequence[str]) -> dict[str, datetime]:
        """Until when these get jobs. GitHub does not follow all of them; who may not ask is told of none."""
        found = {}
        for version in versions:
            at = await self._version_end(scopes[0], version)
            if at is not None:
                found[version] = at
        return found

    async def _version_end(self, scope: Scope, version: str) -> datetime | None:
        question = Question(
            f"{self._base}{scope_path(scope, 'actions', 'runners', 'deprecations', version)}",
            f"until when runners of version {version} get jobs",
            scope.owner,
            to_read_runners(scope),
        )
        try:
            return await self._one(question, particulars_json.DEPRECATION)
        except REFUSED:
            return None

    async def environments(self, run: RunKey) -> tuple[Environment, ...] | Unread:
        """The deployment environments whose rules a run waits for."""
        question = self._of_run(run, "pending_deployments", "the environments of run")
        try:
            return await self._list(question, particulars_json.PENDING)
        except NotFoundError:
            return ()  # an older server: the run itself is there for this token
        except PermissionMissingError:
            return Unread(str(question.needs))

    async def holders(self, run: RunKey) -> tuple[Holder, ...] | Unread:
        """What goes before a run in the concurrency group that it waits in."""
        question = self._of_run(run, "concurrency_groups", "the concurrency groups of run")
        try:
            waits = [each for each in await self._list(question, particulars_json.CONCURRENCY) if each is not None]
            if not waits:
                return ()
            ahead = await self._one(self._ahead(run, *waits[0]), particulars_json.AHEAD)
        except NotFoundError:
            return ()  # an older server, or it waits no more
        except PermissionMissingError:
            return Unread(str(question.needs))
        return ahead

    def _ahead(self, run: RunKey, group: str, job_id: int | None) -> Question:
        asked = {"ahead_of_run": run.id} if job_id is None else {"ahead_of_job": job_id}
        place = repository_path(run.repository, "actions", "concurrency_groups", group)
        what = f"what is ahead of run {run.id} of {run.repository}"
        return Question(f"{self._base}{place}?{urlencode(asked)}", what, owner_of(run.repository), READ_ACTIONS)

    async def policy(self, repository: str) -> ActionsPolicy:
        """Whether workflows may run in a repository. A user's repositories have no organization to ask."""
        owner = owner_of(repository)
        on = Question(
            f"{self._base}{repository_path(repository, 'actions', 'permissions')}",
            f"whether Actions is on in {repository}",
            owner,
            READ_REPO_SETTINGS,
        )
        allows = Question(
            f"{self._base}{path_of('orgs', owner, 'actions', 'permissions')}",
            f"for which repositories {owner} lets Actions run",
            owner,
            READ_ORG_SETTINGS,
        )
        needs: list[Needs] = []
        enabled = await self._allowed(on, particulars_json.REPOSITORY_POLICY, needs)
        # Where it is on, the organization lets it be.
        owner_allows = None
        if enabled is not True:
            owner_allows = await self._allowed(allows, particulars_json.ORGANIZATION_POLICY, needs)
        return ActionsPolicy(enabled, owner_allows or "", tuple(str(each) for each in needs))

    async def workflow(self, run: Run) -> WorkflowText | Unread:
        """Which runner groups the text of its workflow file names, at the run's own commit. What is no file, or is too
        large for an answer, names none that could be known."""
        path = run.path.partition("@")[0]
        place = repository_path(run.repository, "contents", *path.split("/"))
        question = Question(
            f"{self._base}{place}?{urlencode({'ref': run.sha})}",
            f"the workflow file of run {run.id} of {run.repository}",
            owner_of(run.repository),
            READ_FILES,
        )
        try:
            text = await self._one(question, particulars_json.FILE)
        except REFUSED:
            return Unread(str(question.needs))
        except NotJsonError:
            text = ""
        return await asyncio.to_thread(_read, text, path.rpartition("/")[2], run.sha)

    async def _allowed(self, question: Question, reader: Reader[Any, M], needs: list[Needs]) -> M | None:
        """None, and what it takes to know: the token may not."""
        try:
            return await self._one(question, reader)
        except REFUSED:
            needs.append(question.needs)
            return None

    def _of_run(self, run: RunKey, what: str, words: str) -> Question:
        url = f"{self._base}{repository_path(run.repository, 'actions', 'runs', str(run.id), what)}"
        return Question(url, f"{words} {run.id} of {run.repository}", owner_of(run.repository), READ_ACTIONS)

    async def _handed_out(self, scopes: Sequence[Scope]) -> str:
        for scope in scopes:
            question = Question(
                f"{self._base}{scope_path(scope, 'actions', 'runners', 'downloads')}",
                f"which runner {scope.name} hands out",
                scope.owner,
                to_read_runners(scope),
            )
            newest = newest_of(await self._list(question, particulars_json.DOWNLOADS))
            if newest is not None:
                return str(newest)
        raise NotFoundError("GitHub does not say which version of the runner is the newest", "It is done without.")

    async def _one(self, question: Question, reader: Reader[Any, M]) -> M:
        answer, _ = await self._asking.answer(question)
        return reader.one(answer.body, "")

    async def _list(self, question: Question, reader: Reader[Any, M]) -> tuple[M, ...]:
        """The first page of it."""
        answer, _ = await self._asking.answer(question)
        return reader.page(answer.body, "").items


def _read(written: str, file: str, sha: str) -> WorkflowText:
    from console.remote.workflow_text import workflow_text  # few ask for one: no start waits for what reads YAML

    return workflow_text(written, file, sha)
