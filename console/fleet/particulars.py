"""What GitHub says of single runs and repositories beside its lists, asked for only where a job's wait hangs on it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

KeyOfRun = tuple[str, int]
"""A `RunKey`: the snapshot holds these, so that they cannot know it."""


class Unread(msgspec.Struct, frozen=True, tag=True):
    """The token may not know it, or GitHub does not have it there, or has not answered."""

    needs: str = ""
    """The permission that it takes, in GitHub's words."""
    why: str = ""
    """What else went wrong."""

    @property
    def words(self) -> str:
        """Behind "not known"."""
        return f"; the token needs: {self.needs}" if self.needs else f": {self.why}"


class Environment(msgspec.Struct, frozen=True):
    """A deployment environment whose rules a run waits for."""

    name: str
    wait_timer: timedelta = timedelta()
    wait_began: datetime | None = None
    reviewers: tuple[str, ...] = ()
    """Users, and teams, one of whom must approve."""


class Holder(msgspec.Struct, frozen=True):
    """What goes before a run in a concurrency group: another run, or one job of it."""

    group: str
    run_id: int
    run_name: str
    job_name: str = ""
    running: bool = True
    """False: it waits for its turn as well."""


class ActionsPolicy(msgspec.Struct, frozen=True):
    """Whether workflows may run in a repository at all."""

    enabled: bool | None = None
    """In the repository; None: it could not be read."""
    owner_allows: str = ""
    """The organization's `enabled_repositories`: all, selected, none; empty: not known, or there is no organization."""
    needs: tuple[str, ...] = ()
    """What the token lacks to know the rest."""
    why: str = ""
    """What else went wrong."""


class NamedGroup(msgspec.Struct, frozen=True):
    """A runner group that a workflow file names below `runs-on`."""

    name: str
    line: int
    """From 1."""
    job: str = ""
    """What the job is called whose group it is, without what a matrix adds; empty: that is worked out later."""


class WorkflowText(msgspec.Struct, frozen=True, tag=True):
    """What a workflow file says of runner groups."""

    file: str
    """`ci.yml`."""
    sha: str
    groups: tuple[NamedGroup, ...] = ()
    others: bool = False
    """Some `runs-on` names no group."""
    open_ends: bool = False
    """What some job runs on is worked out when the run starts, stands in another file, or could not be read."""
    unlimited: bool = False
    """No matrix of it limits how many of its jobs run at once (max-parallel)."""


class Particulars(msgspec.Struct, frozen=True):
    """What was asked for. What is not in here was not asked."""

    environments: Mapping[KeyOfRun, tuple[Environment, ...] | Unread] = {}
    holders: Mapping[KeyOfRun, tuple[Holder, ...] | Unread] = {}
    policies: Mapping[str, ActionsPolicy] = {}
    """By repository."""
    workflows: Mapping[KeyOfRun, WorkflowText | Unread] = {}
    asked_at: Mapping[str, datetime] = {}
    """When, by what was asked of what: "policy acme/web"."""
