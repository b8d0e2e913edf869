"""Whether workflows may run in a repository at all, as far as its settings and those of its organization were read."""

from console.fleet.findings import Found
from console.fleet.models import FleetSnapshot, Name, Phrase

_ALLOWED = {"none": "no repository", "selected": "selected repositories only"}


def switched_off(snapshot: FleetSnapshot, repository: str) -> tuple[Phrase, ...]:
    """Sentences that say that they may not; none where they may, or where that is not known."""
    policy = snapshot.particulars.policies.get(repository)
    if policy is None or policy.enabled is True or (policy.enabled is None and policy.owner_allows != "none"):
        return ()
    off: Phrase = ("The settings of ", Name(repository), " say that Actions is off there.")
    found = () if policy.enabled is None else (off,)
    allowed = _ALLOWED.get(policy.owner_allows)
    owner = repository.partition("/")[0]
    said: Phrase = ("The organization ", Name(owner), f" lets Actions run in {allowed}.")
    return (*found, said) if allowed else found


def may_run(snapshot: FleetSnapshot, repository: str) -> Found | None:
    """As a link of a chain; None: it was not asked, as it does not matter."""
    policy = snapshot.particulars.policies.get(repository)
    if policy is None:
        return None
    if switched_off(snapshot, repository):
        return ("its settings say no",), False
    if policy.enabled:
        return ("its settings say so",), True
    why = f": {policy.why}" if policy.why else f"; the token needs: {policy.needs[0] if policy.needs else 'more'}"
    return (f"not known{why}",), None
