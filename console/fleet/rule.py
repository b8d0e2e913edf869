"""What a rule of a cause is, and how the files of rules list theirs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal, NamedTuple, TypeVar

from console.fleet.inquiry import Case, Verdict

IDLE_WHILE_QUEUED = "idle-while-queued"
GROUP_NAMED = "group-named"

LONG_WAIT = timedelta(minutes=30)
"""Busy runners are what a fleet is for: only a long wait for them is worth a look."""

About = Literal["job", "request", "unexplained job"]
"""What it looks at. Its verdict about a job may differ between jobs that ask for the same thing; that about a request
holds for all of these. Of an unexplained job nothing else is known that keeps it waiting."""

J = TypeVar("J", bound=Callable[[Case], Verdict | None])


class Rule(NamedTuple):
    """A cause, and how to tell whether it is the one."""

    cause: str
    judge: Callable[[Case], Verdict | None]
    about: About


class Rules(list[Rule]):
    """The rules of one file, in their order."""

    def rule(self, cause: str, about: About = "request") -> Callable[[J], J]:
        """Put one at the end."""

        def add(judge: J) -> J:
            self.append(Rule(cause, judge, about))
            return judge

        return add
