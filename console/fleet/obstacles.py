"""Runner groups that stand between a job and runners which have its labels."""

from console.fleet.admission import Obstacle
from console.fleet.inquiry import Case
from console.fleet.matching import GroupMatch
from console.fleet.models import Name, Phrase
from console.fleet.words import count, sentence, several

_REFUSES: dict[Obstacle, str] = {
    "repository": "does not include this repository",
    "public": "takes no jobs of public repositories",
    "workflow": "takes other workflows only",
}
_IN_DOUBT: dict[Obstacle, str] = {
    "": "has rules that could not be read",
    "repository": "is for selected repositories that could not be read",
    "public": "takes private repositories only, and whether this one is private is not known",
    "workflow": "takes selected workflows only, and which one asks could not be told",
}
_WOULD_TELL: dict[Obstacle, str] = {
    "": "To know the rules of runner groups the token needs: organization Self-hosted runners read.",
    "repository": "To know whom a group admits the token needs: organization Self-hosted runners read.",
    "public": "To know whether the repository is private the token needs: Metadata read of it.",
    "workflow": "Hold the workflow file that the job comes from, and its ref, against the group's selected workflows.",
}
_MOST = 4


def refusing(case: Case, obstacle: Obstacle) -> tuple[GroupMatch, ...]:
    """The groups that refuse the job for this reason, where no online runner may or might take it."""
    if case.match.admitted or case.match.uncertain:
        return ()
    return tuple(
        group for group in case.match.groups if group.verdict == (False, obstacle) and group.runners & case.match.online
    )


def group_sentences(case: Case) -> tuple[Phrase, ...]:
    """A sentence about each group that refuses the job, or may."""
    groups = [group for group in case.match.groups if not group.verdict.admits]
    sentences = [group_sentence(group, case.match.online) for group in groups[:_MOST]]
    if len(groups) > _MOST:
        sentences.append((f"{count(len(groups) - _MOST)} more groups do not admit it, or may not.",))
    return tuple(sentences)


def would_tell(case: Case) -> Phrase:
    """What would settle the doubt about the free runners' groups."""
    free = case.match.uncertain & ~case.inquiry.pool.busy
    doubtful = (group for group in case.match.groups if group.verdict.admits is None and group.runners & free)
    obstacles = dict.fromkeys(group.verdict.obstacle for group in doubtful) or {"": None}
    return (" ".join(dict.fromkeys(_WOULD_TELL[obstacle] for obstacle in obstacles)),)


def group_sentence(group: GroupMatch, online: int) -> Phrase:
    """What one group has, and why it does not help."""
    refuses = group.verdict.admits is False
    words = (_REFUSES if refuses else _IN_DOUBT)[group.verdict.obstacle]
    subject: Phrase = ("The group ", Name(group.name)) if group.name else ("A group of ", Name(group.key.scope))
    having, up = group.runners.bit_count(), (group.runners & online).bit_count()
    has = f" ({several(having, 'runner')} with the labels, {count(up)} online)"
    return sentence(subject, has, f" {words}.")
