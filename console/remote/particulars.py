"""What is asked of GitHub about single things that its lists leave out: what the newest runner is."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from console.errors import NotFoundError, PermissionMissingError
from console.fleet.models import Scope
from console.fleet.paths import repository_path, scope_path
from console.fleet.permissions import READ_NOTHING, to_read_runners
from console.fleet.versions import RunnerRelease, newest_of
from console.remote import particulars_json
from console.remote.asking import Asking
from console.remote.json_pages import Reader
from console.remote.questions import Question

THE_RUNNER = "actions/runner"
"""Where github.com has its releases; everybody may read them."""

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
        except (NotFoundError, PermissionMissingError):
            return RunnerRelease(await self._handed_out(scopes), at)
        return RunnerRelease(found.version, at, found.published_at)

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

    async def _one(self, question: Question, reader: Reader[Any, M], place: str = "") -> M:
        answer, _ = await self._asking.answer(question)
        return reader.one(answer.body, place)

    async def _list(self, question: Question, reader: Reader[Any, M], place: str = "") -> tuple[M, ...]:
        """The first page of it."""
        answer, _ = await self._asking.answer(question)
        return reader.page(answer.body, place).items
