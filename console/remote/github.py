"""GitHub's REST API: one method for each question, models for answers, and one for all that changes something."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import msgspec

from console.errors import NotFoundError, PermissionMissingError
from console.fleet.access import TokenReport
from console.fleet.evidence import Cache
from console.fleet.models import Annotation, Job, JobKey, Repository, Run, RunKey, Runner, RunnerGroup, RunnerKey, Scope
from console.fleet.page import Page
from console.fleet.plans import Call, Reply
from console.fleet.release import Release
from console.fleet.server import Budget, Meta
from console.remote import github_json
from console.remote.abilities import report_on
from console.remote.addresses import api_base, next_url
from console.remote.asking import ACCEPT, Asking
from console.remote.budget import Governor
from console.remote.etags import Kept, SeenBefore, digest_of
from console.remote.exchange import DEADLINE, MOST_BYTES, Answer, Exchange, elsewhere
from console.remote.job_log import LogStore
from console.remote.json_pages import Reader
from console.remote.particulars import Particulars
from console.remote.questions import Question, Questions
from console.remote.sanitize import text
from console.remote.sending import Sending
from console.remote.server_clock import Clock, ServerClock
from console.remote.standing import read, written
from console.remote.tokens import Tokens

MOST_PAGES = 1_000

M = TypeVar("M")


class GitHubApi:
    """One API with one context's tokens. Every method raises `ConsoleError` kinds and nothing else.

    Lists and repositories wait for their turn; a single runner or job is the operator's own question: it goes first
    and may use the reserve.
    """

    def __init__(
        self,
        api_url: str,
        tokens: Tokens,
        clock: Clock,
        *,
        user_agent: str,
        verify: ssl.SSLContext | None = None,
        deadline: float = DEADLINE,
        most_bytes: int = MOST_BYTES,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """`say`: everything is asked for a command of the operator's, who is told on what it waits."""
        base = api_base(api_url)
        self._ask = Questions(base)
        self._server = ServerClock(clock)
        self._clock = clock
        self._user_agent = user_agent
        self._governor = Governor(clock, self._server, say=say)
        self._exchange = Exchange(base, verify=verify, deadline=deadline, most_bytes=most_bytes)
        self._asking = Asking(self._exchange, self._governor, tokens, user_agent)
        self._sending = Sending(base, self._exchange, self._governor, self._asking, clock)
        self._seen = SeenBefore()
        self.particulars = Particulars(base, self._asking, self._server.now)

    def runners(self, scope: Scope) -> AsyncIterator[Page[Runner]]:
        """Every runner of a scope, a hundred a page."""
        return self._pages(self._ask.runners(scope), github_json.RUNNERS, str(scope))

    def repositories(self, owner: str) -> AsyncIterator[Page[Repository]]:
        """An organisation's repositories, most recently pushed first."""
        return self._pages(self._ask.repositories(owner), github_json.REPOSITORIES, owner)

    def runs(self, repository: str, status: str) -> AsyncIterator[Page[Run]]:
        """The runs of a repository in one status; GitHub gives a thousand at most."""
        return self._pages(self._ask.runs(repository, status), github_json.RUNS, repository)

    def finished_runs(self, repository: str) -> AsyncIterator[Page[Run]]:
        """The most recent completed runs: one page."""
        question = self._ask.runs(repository, "completed", per_page=20)
        return self._pages(question, github_json.RUNS, repository, first_only=True)

    def jobs(self, run: RunKey) -> AsyncIterator[Page[Job]]:
        """The jobs of a run's latest attempt."""
        return self._pages(self._ask.jobs(run), github_json.JOBS, run.repository)

    async def groups(self, scope: Scope) -> tuple[RunnerGroup, ...]:
        """Groups of a scope, with the repositories, or organisations, of `selected` ones; a repository has none."""
        if scope.kind == "repo":
            return ()
        found: dict[int, RunnerGroup] = {}
        async for page in self._pages(self._ask.groups(scope), github_json.GROUPS, str(scope)):
            found.update({group.id: group for group in page.items})
        for group in tuple(found.values()):
            if group.visibility == "selected":
                found[group.id] = await self._with_admitted(scope, group)
            if group.inherited:
                found[group.id] = await self._with_lent(scope, found[group.id])
        return tuple(found.values())

    async def repository(self, name: str) -> Repository:
        """One repository."""
        return await self._one(self._ask.repository(name), github_json.REPOSITORIES, name)

    async def runner(self, key: RunnerKey) -> Runner | None:
        """One runner; None: GitHub says 404, it is gone."""
        try:
            return await self._one(self._ask.runner(key), github_json.RUNNERS, key.scope)
        except NotFoundError:
            return None

    async def runner_named(self, scope: str, name: str) -> Runner | None:
        """The runner of that exact name in a scope; None: there is none."""
        async for page in self._pages(self._ask.runner_named(scope, name), github_json.RUNNERS, scope):
            for runner in page.items:
                if runner.name == name:
                    return runner
        return None

    async def run(self, key: RunKey) -> Run | None:
        """One run; None: GitHub says 404."""
        try:
            return await self._one(self._ask.run(key), github_json.RUNS, key.repository)
        except NotFoundError:
            return None

    async def job(self, key: JobKey) -> Job | None:
        """One job; None: GitHub says 404."""
        try:
            return await self._one(self._ask.job(key), github_json.JOBS, key.repository)
        except NotFoundError:
            return None

    async def job_log(self, key: JobKey, *, own: bool = True) -> AsyncGenerator[bytes]:
        """The log of a finished job as it comes; raises before the first byte where there is none.

        Afterwards it raises LogError when it breaks off. `own`: the operator waits for it.
        """
        question = self._ask.job_log(key, own=own)

        async def address() -> str:
            answer, _ = await self._asking.answer(question)
            return str(answer.headers.get("location", ""))

        store = LogStore(self._exchange.origin, self._user_agent, self._exchange.trust)
        return await store.open(await address(), address)

    async def annotations(self, key: JobKey, *, own: bool = True) -> tuple[Annotation, ...]:
        """What GitHub says of a job beside its log: the first hundred."""
        found: list[Annotation] = []
        question = self._ask.annotations(key, own=own)
        async for page in self._pages(question, github_json.ANNOTATIONS, "", first_only=True):
            found += page.items
        return tuple(found)

    async def releases(self, repository: str) -> tuple[Release, ...]:
        """The newest of a repository, with drafts where the token may write."""
        found: list[Release] = []
        async for page in self._pages(self._ask.releases(repository), github_json.RELEASES, "", first_only=True):
            found += page.items
        return tuple(found)

    async def caches(self, repository: str, key: str) -> tuple[Cache, ...]:
        """The entries whose key begins so, of every ref."""
        found: dict[int, Cache] = {}
        async for page in self._pages(self._ask.caches(repository, key), github_json.CACHES, ""):
            found.update({cache.id: cache for cache in page.items})
        return tuple(found.values())

    async def login(self, owner: str) -> str:
        """Who the owner's token belongs to; empty for an installation, which is nobody."""
        try:
            return await self._one(self._ask.user(owner), github_json.LOGIN, "") or ""
        except (PermissionMissingError, NotFoundError):
            return ""

    async def send(self, call: Call) -> Reply:
        """What GitHub answered to a request that changes something. It is sent once.

        Raises UnknownOutcomeError when it was sent and may or may not have been done; after every other error it was
        not.
        """
        return await self._sending.send(call)

    async def meta(self) -> Meta:
        """What is at the other end. It needs no token, and takes one where there is one."""
        answer, _ = await self._asking.answer(self._ask.meta())
        version = github_json.INSTALLED_VERSION.one(answer.body, "")
        selected = answer.headers.get("x-github-api-version-selected")
        return Meta(version=version, api_version=None if selected is None else text(selected))

    async def access(self, owner: str, scopes: Sequence[Scope], repositories: Sequence[str]) -> TokenReport:
        """What the owner's token may do, by one cheap read for each feature.

        Raises when the token as a whole is refused or GitHub cannot be reached.
        """
        return await report_on(self._asking, self._ask, owner, scopes, repositories)

    @property
    def budget(self) -> Budget:
        """Of the token that is worst off."""
        return self._governor.budget

    def now(self) -> datetime:
        """The server's time; this machine's before the first answer."""
        return self._server.now()

    def try_again(self) -> None:
        """The operator wants to know now: refused tokens' sources are asked again, and a pause for trouble ends."""
        self._asking.ask_sources_again()
        self._governor.end_pause()

    def spent(self) -> Callable[[bytes | None], bytes]:
        """What has been used of the limits since the last call, as a change to what all processes keep of them."""
        return partial(written, news=self._governor.news(), now=self._clock.wall().timestamp())

    def adopt(self, kept: bytes) -> None:
        """Go on from what all processes have used of the limits."""
        self._governor.adopt(read(kept))

    async def reset_connections(self) -> None:
        """Drop every connection, after the machine slept."""
        await self._exchange.drop()

    async def close(self) -> None:
        """Let go of the network."""
        await self._exchange.close()

    async def _with_lent(self, scope: Scope, group: RunnerGroup) -> RunnerGroup:
        """With the labels of its runners."""
        kinds: set[frozenset[str]] = set()
        async for page in self._pages(self._ask.lent(scope, group), github_json.RUNNERS, str(scope)):
            kinds.update(frozenset(label.casefold() for label in runner.labels) for runner in page.items)
        return msgspec.structs.replace(group, lent=frozenset(kinds))

    async def _with_admitted(self, scope: Scope, group: RunnerGroup) -> RunnerGroup:
        """With the names of those who may use it; without, when not all of them could be read."""
        of_enterprise = scope.kind == "enterprise"
        reader = github_json.GROUP_ORGANIZATIONS if of_enterprise else github_json.GROUP_REPOSITORIES
        names: set[str] = set()
        try:
            async for page in self._pages(self._ask.admitted(scope, group), reader, scope.name):
                if page.set_aside or page.partial:
                    return group
                names.update(name.lower() for name in page.items)
        except (PermissionMissingError, NotFoundError):
            return group
        found = frozenset(names)
        if of_enterprise:
            return msgspec.structs.replace(group, organizations=found)
        return msgspec.structs.replace(group, repositories=found)

    async def _one(self, question: Question, reader: Reader[Any, M], place: str) -> M:
        answer, _ = await self._asking.answer(question)
        return reader.one(answer.body, place)

    async def _pages(
        self, question: Question, reader: Reader[Any, M], place: str, *, first_only: bool = False
    ) -> AsyncIterator[Page[M]]:
        """Page after page along `Link`; an address that was read before ends it."""
        been: set[str] = set()
        while True:
            been.add(question.url)
            page, following = await self._page(question, reader, place)
            # Decoding and what the caller does with a page must not add up to a pause that a person feels.
            await asyncio.sleep(0)
            more = following is not None and following not in been and not first_only
            if more and len(been) >= MOST_PAGES:
                yield msgspec.structs.replace(page, partial=f"only the first {MOST_PAGES} pages were read")
                return
            yield page
            if following is None or not more:
                return
            question = msgspec.structs.replace(question, url=following)

    async def _page(self, question: Question, reader: Reader[Any, M], place: str) -> tuple[Page[M], str | None]:
        before = self._seen.find("GET", question.url, ACCEPT)
        answer, fingerprint = await self._asking.answer(question, before)
        if answer.status == 304 and before is not None:
            return before.value, before.next_url
        following = self._following(answer)
        digest = digest_of(answer.body)
        partial = _partial(answer)
        if before is not None and before.digest == digest and before.value.partial == partial:
            page: Page[M] = before.value
        else:
            page = reader.page(answer.body, place)
            if partial:
                page = msgspec.structs.replace(page, partial=partial)
        tag = answer.headers.get("etag", "")
        kept = Kept(tag, digest, len(answer.body), fingerprint, page, following)
        self._seen.keep("GET", question.url, ACCEPT, kept)
        return page, following

    def _following(self, answer: Answer) -> str | None:
        following = next_url(answer.headers.get("link", ""))
        if following is not None and not self._exchange.origin.has(following):
            raise elsewhere(following)
        return following


def _partial(answer: Answer) -> str:
    """GitHub leaves out what the token is not authorised for, and only says so in a header."""
    if answer.headers.get("x-github-sso", "").startswith("partial-results"):
        return "organizations that want single sign-on for this token are left out"
    return ""
