"""Runner groups that stand between a job and runners which have its labels."""

from console.fleet.admission import Obstacle
from console.fleet.inquiry import Case, Verdict
from console.fleet.matching import GroupMatch
from console.fleet.models import Name, Phrase
from console.fleet.permissions import READ_ENTERPRISE_RUNNERS, READ_ORG_RUNNERS, READ_REPOSITORIES
from console.fleet.words import count, sentence, several

_REFUSES: dict[Obstacle, str] = {
    "repository": "does not include this repository",
    "public": "takes no jobs of public repositories",
    "workflow": "takes other workflows only",
    "organization": "does not admit organization ",
}
_IN_DOUBT: dict[Obstacle, str] = {
    "": "has rules that could not be read",
    "repository": "is for selected repositories that could not be read",
    "public": "takes private repositories only, and whether this one is private is not known",
    "workflow": "takes selected workflows only, and which one asks could not be told",
    "organization": "is an enterprise's, and whether it admits this organization could not be told: ",
    "sharing": "is an enterprise's, and whether this repository may use it was not to be read from organization ",
}
_WOULD_TELL: dict[Obstacle, str] = {
    "": f"To know the rules of runner groups the token needs: {READ_ORG_RUNNERS}.",
    "repository": f"To know whom a group admits the token needs: {READ_ORG_RUNNERS}.",
    "public": f"To know whether the repository is private the token needs: {READ_REPOSITORIES}.",
    "workflow": "Hold the workflow file that the job comes from, and its ref, against the group's selected workflows.",
    "organization": f"To know whom an enterprise's group admits the token needs: {READ_ENTERPRISE_RUNNERS}. "
    f"And to know what the organization has from it: {READ_ORG_RUNNERS}.",
    "sharing": f"To know who may use an enterprise's group the token needs: {READ_ORG_RUNNERS}.",
}
_OF_ENTERPRISE = f"To know the rules of an enterprise's groups the token needs: {READ_ENTERPRISE_RUNNERS}."
_READ_OF: dict[Obstacle, str] = {"": "{scope}", "organization": "org:{owner}", "sharing": "org:{owner}"}
"""Whose groups tell it."""
WATCH_ENTERPRISE: Phrase = (f"Add the scope enterprise:NAME to the context; it takes {READ_ENTERPRISE_RUNNERS}.",)
_NAMES_OWNER = frozenset[Obstacle]({"organization", "sharing"})
_NEAREST: tuple[Obstacle, ...] = ("workflow", "public", "repository", "organization", "sharing", "")
"""From what stands last in the way to what stands first."""
_MOST = 4


def refused(case: Case, obstacle: Obstacle, text: str, helps: str) -> Verdict | None:
    """That groups refuse the job for this reason, where no online runner may or might take it, and no offline one.

    Of several reasons it is the one that stands last in a group's way: a group for others says nothing of this one.
    """
    match = case.match
    if not match.shut_out:
        return None
    refusing = {group.verdict.obstacle for group in match.groups if group.runners & match.labelled}
    if obstacle not in refusing or min(refusing, key=_NEAREST.index) != obstacle:
        return None
    return Verdict((text,), "proved", "watch", group_sentences(case), helps=(helps,))


def group_sentences(case: Case) -> tuple[Phrase, ...]:
    """A sentence about each group that refuses the job, or may."""
    groups = [group for group in case.match.groups if not group.verdict.admits]
    sentences = [_group_sentence(case, group) for group in groups[:_MOST]]
    if len(groups) > _MOST:
        sentences.append((f"{count(len(groups) - _MOST)} more groups do not admit it, or may not.",))
    return tuple(sentences)


def would_tell(case: Case) -> Phrase:
    """What would settle the doubt about the free runners' groups."""
    free = case.match.uncertain & ~case.inquiry.pool.busy
    doubtful = [group for group in case.match.groups if group.verdict.admits is None and group.runners & free]
    return (" ".join(dict.fromkeys(_tells(case, group) for group in doubtful)),)


def _tells(case: Case, group: GroupMatch) -> str:
    """No permission helps where these rules could be read, and have not been for another reason."""
    obstacle = group.verdict.obstacle
    place = _READ_OF.get(obstacle, "").format(scope=group.key.scope, owner=case.request.owner)
    otherwise = case.inquiry.sources.groups_unread(place)
    if otherwise:
        return otherwise
    return _OF_ENTERPRISE if not obstacle and _of_enterprise(group) else _WOULD_TELL[obstacle]


def _group_sentence(case: Case, group: GroupMatch) -> Phrase:
    """What one group has, and why it does not help."""
    obstacle = group.verdict.obstacle
    words = (_REFUSES if group.verdict.admits is False else _IN_DOUBT)[obstacle]
    whose: Phrase = (" of ", Name(group.key.scope)) if _of_enterprise(group) else ()
    subject: Phrase = ("The group ", Name(group.name), *whose) if group.name else ("A group of ", Name(group.key.scope))
    having, up = group.runners.bit_count(), (group.runners & case.match.online).bit_count()
    has = f" ({several(having, 'runner')} with the labels, {count(up)} online)"
    owner: Phrase = (Name(case.job.repository.partition("/")[0]),) if obstacle in _NAMES_OWNER else ()
    return sentence(subject, has, f" {words}", owner, ".")


def _of_enterprise(group: GroupMatch) -> bool:
    return group.key.scope.startswith("enterprise:")
