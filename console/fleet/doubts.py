"""What could keep a job from an idle runner as well, and could not be read: then nobody knows that it does not."""

from collections.abc import Iterable, Iterator
from itertools import islice

from console.fleet.inquiry import Inquiry
from console.fleet.models import Job, Name, Phrase
from console.fleet.particulars import ActionsPolicy, Unread
from console.fleet.words import sentence

_ASKED = 10
"""So many of the oldest jobs: of others nobody asks."""


def doubts(inquiry: Inquiry, jobs: Iterable[Job]) -> tuple[Phrase, ...]:
    """A sentence for each, with the permission that is missing or what went wrong."""
    found = dict.fromkeys(phrase for job in islice(jobs, _ASKED) for phrase in _of(inquiry, job))
    return tuple(found)


def _of(inquiry: Inquiry, job: Job) -> Iterator[Phrase]:
    policy = inquiry.snapshot.particulars.policies.get(job.repository)
    if policy is not None and policy.enabled is None and not _has_begun_since(inquiry, job):
        yield sentence("Whether Actions is on in ", Name(job.repository), " is not known", _lacks(policy), ".")
    file = inquiry.workflow_of(job.run_key)
    if isinstance(file, Unread):
        yield (f"Whether its workflow file asks for another group is not known{file.words}.",)


def _has_begun_since(inquiry: Inquiry, job: Job) -> bool:
    """Another job of its repository: then Actions is on."""
    begun = inquiry.last_begun.get(job.repository)
    return begun is not None and begun > job.waits_since


def _lacks(policy: ActionsPolicy) -> Phrase:
    return (Unread(policy.needs[0] if policy.needs else "", policy.why or "it was not answered").words,)
