"""The questions that GitHub is asked: address, permission, and how to speak of each."""

from urllib.parse import urlencode

import msgspec

from console.fleet.models import JobKey, RunKey, RunnerGroup, RunnerKey, Scope
from console.fleet.paths import path_of, repository_path, scope_of, scope_path
from console.fleet.permissions import (
    READ_ACTIONS,
    READ_CHECKS,
    READ_CONTENTS,
    READ_NOTHING,
    READ_REPOSITORIES,
    Needs,
    to_read_runners,
)
from console.remote.sanitize import text

PER_PAGE = 100
RELEASES = 20
"""Of a repository, the newest."""
_SPOKEN = {"enterprise": "enterprise", "org": "organization", "repo": "repository"}


class Question(msgspec.Struct, frozen=True):
    """What is asked of GitHub, and what there is to say when the answer is no."""

    url: str
    what: str
    """For sentences: "the runners of organization acme"."""
    owner: str
    """Whose token it takes; empty: whichever there is, or none."""
    needs: Needs
    own: bool = False
    """The operator waits for it."""
    redirected: bool = False
    """The answer is where else to look: a redirect to another place is no error, and is not followed."""


class Questions:
    """The questions to one API. `own` ones are single reads; `per_page` 1 makes a cheap try of a list."""

    def __init__(self, base: str) -> None:
        self._base = base

    def runners(self, scope: Scope, per_page: int = PER_PAGE) -> Question:
        """Every runner of a scope."""
        url = self._url(scope_path(scope, "actions", "runners"), per_page=per_page)
        return Question(url, f"the runners of {spoken(scope)}", scope.owner, to_read_runners(scope))

    def runner(self, key: RunnerKey) -> Question:
        """One runner."""
        scope = scope_of(key.scope)
        url = self._url(scope_path(scope, "actions", "runners", str(key.id)))
        return Question(url, f"runner {key.id} of {spoken(scope)}", scope.owner, to_read_runners(scope), own=True)

    def runner_named(self, written: str, name: str) -> Question:
        """The runner of that exact name; servers that do not know the filter give every runner."""
        scope = scope_of(written)
        url = self._url(scope_path(scope, "actions", "runners"), name=name, per_page=PER_PAGE)
        what = f"the runner {text(name)} of {spoken(scope)}"
        return Question(url, what, scope.owner, to_read_runners(scope), own=True)

    def groups(self, scope: Scope, per_page: int = PER_PAGE) -> Question:
        """The runner groups of an organisation or an enterprise."""
        url = self._url(scope_path(scope, "actions", "runner-groups"), per_page=per_page)
        return Question(url, f"the runner groups of {spoken(scope)}", scope.owner, to_read_runners(scope))

    def admitted(self, scope: Scope, group: RunnerGroup) -> Question:
        """The repositories that may use a group; of an enterprise, the organisations."""
        whom = "organizations" if scope.kind == "enterprise" else "repositories"
        path = scope_path(scope, "actions", "runner-groups", str(group.id), whom)
        what = f"the {whom} of runner group {group.id} of {spoken(scope)}"
        return Question(self._url(path, per_page=PER_PAGE), what, scope.owner, to_read_runners(scope))

    def lent(self, scope: Scope, group: RunnerGroup) -> Question:
        """The runners of a group that an organisation has from its enterprise."""
        path = scope_path(scope, "actions", "runner-groups", str(group.id), "runners")
        what = f"the runners of runner group {group.id} of {spoken(scope)}"
        return Question(self._url(path, per_page=PER_PAGE), what, scope.owner, to_read_runners(scope))

    def repositories(self, owner: str, per_page: int = PER_PAGE) -> Question:
        """The repositories of an organisation, most recently pushed first."""
        path = path_of("orgs", owner, "repos")
        url = self._url(path, type="all", sort="pushed", direction="desc", per_page=per_page)
        return Question(url, f"the repositories of organization {text(owner)}", owner, READ_REPOSITORIES)

    def repository(self, name: str) -> Question:
        """One repository."""
        return Question(self._url(repository_path(name)), f"repository {name}", owner_of(name), READ_REPOSITORIES)

    def runs(self, name: str, status: str, per_page: int = PER_PAGE) -> Question:
        """The runs of a repository in one status."""
        path = repository_path(name, "actions", "runs")
        url = self._url(path, status=status, exclude_pull_requests="true", per_page=per_page)
        return Question(url, f"the {text(status)} runs of {name}", owner_of(name), READ_ACTIONS)

    def run(self, key: RunKey) -> Question:
        """One run."""
        path = repository_path(key.repository, "actions", "runs", str(key.id))
        url = self._url(path, exclude_pull_requests="true")
        return Question(url, f"run {key.id} of {key.repository}", owner_of(key.repository), READ_ACTIONS, own=True)

    def jobs(self, run: RunKey, per_page: int = PER_PAGE) -> Question:
        """The jobs of a run's latest attempt."""
        path = repository_path(run.repository, "actions", "runs", str(run.id), "jobs")
        what = f"the jobs of run {run.id} of {run.repository}"
        return Question(
            self._url(path, filter="latest", per_page=per_page), what, owner_of(run.repository), READ_ACTIONS
        )

    def job(self, key: JobKey) -> Question:
        """One job."""
        url = self._url(repository_path(key.repository, "actions", "jobs", str(key.id)))
        return Question(url, f"job {key.id} of {key.repository}", owner_of(key.repository), READ_ACTIONS, own=True)

    def job_log(self, key: JobKey, *, own: bool = True) -> Question:
        """Where the log of a finished job is; the address is good for a minute."""
        url = self._url(repository_path(key.repository, "actions", "jobs", str(key.id), "logs"))
        what = f"the log of job {key.id} of {key.repository}"
        return Question(url, what, owner_of(key.repository), READ_ACTIONS, own=own, redirected=True)

    def annotations(self, key: JobKey, *, own: bool = True, per_page: int = PER_PAGE) -> Question:
        """What GitHub says of a job beside its log. A job's id is also that of its check run."""
        url = self._url(repository_path(key.repository, "check-runs", str(key.id), "annotations"), per_page=per_page)
        what = f"GitHub's notes on job {key.id} of {key.repository}"
        return Question(url, what, owner_of(key.repository), READ_CHECKS, own=own)

    def releases(self, name: str, per_page: int = RELEASES) -> Question:
        """The newest releases of a repository; drafts among them for who may write."""
        url = self._url(repository_path(name, "releases"), per_page=per_page)
        return Question(url, f"the releases of {name}", owner_of(name), READ_CONTENTS)

    def caches(self, name: str, key: str) -> Question:
        """The entries of a repository's cache whose key begins so, of every ref."""
        url = self._url(repository_path(name, "actions", "caches"), key=key, per_page=PER_PAGE)
        return Question(url, f"the cache entries of {name}", owner_of(name), READ_ACTIONS, own=True)

    def meta(self) -> Question:
        """What kind of server it is."""
        return Question(self._url("/meta"), "what the server is", "", READ_NOTHING, own=True)

    def user(self, owner: str) -> Question:
        """Whose token it is."""
        return Question(self._url("/user"), "whose token it is", owner, READ_NOTHING, own=True)

    def _url(self, path: str, **query: str | int) -> str:
        return f"{self._base}{path}{'?' if query else ''}{urlencode(query)}"


def owner_of(repository: str) -> str:
    """The part before the slash."""
    return repository.partition("/")[0]


def spoken(scope: Scope) -> str:
    """A scope in a sentence."""
    return f"{_SPOKEN[scope.kind]} {text(scope.name)}"
