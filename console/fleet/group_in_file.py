"""The runner group that a job's workflow file names, held against the groups of the runners that could take the job."""

from console.fleet.findings import Found
from console.fleet.inquiry import Case, Verdict
from console.fleet.matching import GroupMatch
from console.fleet.models import Name, Phrase
from console.fleet.obstacles import WATCH_ENTERPRISE
from console.fleet.particulars import NamedGroup, Unread, WorkflowText
from console.fleet.rule import LONG_WAIT
from console.fleet.words import named, sentence, several

ONLY_A_GROUP: Phrase = ("asks for a group only",)
LOOK: Phrase = ("Look into the workflow file: it names a runner group.",)
OFFLINE = "only-offline-runners"
"""What helps is the same as where no other runner has the labels."""
_MOST = 4
_KINDS = {"org": "org:", "organization": "org:", "ent": "enterprise:", "enterprise": "enterprise:"}


def group_asked_for(case: Case) -> Verdict | None:
    """None: an idle runner of that group could take the job, or it is not known and need not be one."""
    text = _text_of(case)
    asked = None if text is None else _group_of(case, text)
    if text is None or asked is None:
        return None if case.request.labels else _not_told(case)
    name = asked.name
    ours = [group for group in case.match.groups if _is_meant(group.name, group.key.scope, name)]
    free = any(group.runners & case.match.idle for group in ours)
    if free and case.request.labels:
        return None
    evidence = (_names(text, asked), _stands(case, name))
    words: Phrase = ("asks for group ", Name(name))
    if free:
        helps: Phrase = ("Explain one of that group's runners for more.",)
        return Verdict(words, "unknown", "info", evidence, helps=helps)
    if any(_is_meant(lent, "enterprise:", name) for lent in case.inquiry.pool.lent(case.request)):
        words = ("asks for its enterprise's group ", Name(name))
        return Verdict(words, "unknown", "info", evidence[:1], helps=WATCH_ENTERPRISE)
    return _none_is_free(case, words, evidence, [group for group in ours if group.verdict.admits is not False])


def _not_told(case: Case) -> Verdict | None:
    """It asks for nothing else, and its file could not be read, or names several. None: nobody has looked yet."""
    found = case.inquiry.workflow_of(case.job.run_key)
    if found is None:
        return None
    said: Phrase = ("The workflow file could not be read", found.words, ".") if isinstance(found, Unread) else ()
    if isinstance(found, WorkflowText):
        groups = named(list(dict.fromkeys(each.name for each in found.groups)), most=_MOST) or ("no group",)
        said = sentence(Name(found.file), " at ", Name(found.sha[:7]), " names ", *groups, "; which is meant is open.")
    return Verdict(ONLY_A_GROUP, "unknown", "info", (said,), helps=LOOK)


def _none_is_free(case: Case, words: Phrase, evidence: tuple[Phrase, ...], ours: list[GroupMatch]) -> Verdict:
    """Its runners are busy, or offline, or there are none that may take the job."""
    if any(group.runners & case.match.online for group in ours):
        text, helps = sentence(words, ", whose runners are busy"), ("Wait for one of them, or add runners to it.",)
        return Verdict(text, "likely", "info", evidence, helps=helps, grows=(LONG_WAIT, "watch"))
    offline = [each for group in ours for each in case.inquiry.pool.members(group.runners & ~case.inquiry.missing)]
    if not offline:
        helps = ("Name a group in the workflow file that has idle runners, or move runners into the one it names.",)
        return Verdict(words, "likely", "watch", evidence, helps=helps)
    text = sentence(words, ", whose runners are offline")
    names = sentence("Offline: ", named([runner.name for runner in offline], most=_MOST), ".")
    helps = ("Start the service of one of them; GitHub does not say why or since when they are offline.",)
    return Verdict(text, "likely", "watch", (*evidence, names), helps=helps, suspect=offline[0].key, remedied=OFFLINE)


def no_other_group(case: Case) -> Found | None:
    """As a link of a chain; None: the file was not asked for, as it does not matter."""
    found = case.inquiry.workflow_of(case.job.run_key)
    if found is None:
        return None
    if isinstance(found, Unread):
        return (f"not known{found.words}",), None
    where: Phrase = (Name(found.file), " at ", Name(found.sha[:7]))
    said, asked = group_asked_for(case), _group_of(case, found)
    if asked is not None and said is not None:
        met = False if said.certainty == "likely" else None
        return sentence(where, " asks for ", Name(asked.name)), met
    if found.groups and asked is None:
        names = named(list(dict.fromkeys(each.name for each in found.groups)), most=2)
        return sentence(where, " names ", names, ", of which jobs could not be told"), None
    if found.open_ends:
        return sentence(where, " leaves it open or cannot be understood"), None
    return where, True


def _text_of(case: Case) -> WorkflowText | None:
    found = case.inquiry.workflow_of(case.job.run_key)
    return found if isinstance(found, WorkflowText) and found.groups else None


def _group_of(case: Case, text: WorkflowText) -> NamedGroup | None:
    """The group that its job asks for: by the job's name, or as the only one, whichever job of the file it is.

    A job without labels names some group.
    """
    own = [each for each in text.groups if each.job and _is_called(case.job.name, each.job)]
    sure = not text.open_ends and (not text.others or not case.request.labels)
    among = own or (text.groups if sure else ())
    return among[0] if len({each.name.casefold() for each in among}) == 1 else None


def _is_called(name: str, job: str) -> bool:
    """GitHub adds the values of a matrix in brackets."""
    return name == job or name.startswith(f"{job} (")


def _is_meant(group: str, scope: str, asked: str) -> bool:
    """`org/NAME` and `ent/NAME` say whose group is meant, where both have one of that name."""
    prefix, _, rest = asked.casefold().partition("/")
    kind = _KINDS.get(prefix, "")
    return group.casefold() == (rest if kind else asked.casefold()) and scope.startswith(kind)


def _names(text: WorkflowText, asked: NamedGroup) -> Phrase:
    where: Phrase = (Name(text.file), " at ", Name(text.sha[:7]))
    return sentence(where, " asks for group ", Name(asked.name), f" (line {asked.line}).")


def _stands(case: Case, name: str) -> Phrase:
    """How that group stands, beside those of the idle runners."""
    match = case.match
    ours = [group for group in match.groups if _is_meant(group.name, group.key.scope, name)]
    if not ours:
        others = [group.name for group in match.groups if group.runners & match.idle and group.name]
        idle = sentence("; idle are runners of ", named(others, most=_MOST)) if others else ()
        return sentence("No runner of that group is to be seen", idle, ".")
    having = sum(group.runners.bit_count() for group in ours)
    up = sum((group.runners & match.online).bit_count() for group in ours)
    free = sum((group.runners & match.idle).bit_count() for group in ours)
    has = several(having, "runner of it fits", "runners of it fit")
    return (f"{has}: {up} online, {free} of them idle.",)
