"""Rules that look at the runner groups between a job and the online runners that have its labels."""

from console.fleet.group_in_file import LOOK, ONLY_A_GROUP, group_asked_for
from console.fleet.inquiry import Case, Verdict
from console.fleet.obstacles import group_sentences, refused, would_tell
from console.fleet.rule import GROUP_NAMED, Rules

RULES = Rules()


@RULES.rule(GROUP_NAMED)
def only_a_group_asked_for(case: Case) -> Verdict | None:
    """`runs-on: group:` without labels: the group's name is not among what GitHub says of a job."""
    if case.request.labels:
        return None
    return Verdict(ONLY_A_GROUP, "unknown", "info", helps=LOOK)


@RULES.rule(GROUP_NAMED, "unexplained job")
def another_group_asked_for(case: Case) -> Verdict | None:
    """The text of its workflow file names a group of which no idle runner is."""
    return group_asked_for(case)


@RULES.rule("group-excludes-public")
def group_excludes_public(case: Case) -> Verdict | None:
    """Online runners have the labels; their groups do not serve public repositories."""
    helps = "Use a group that allows public repositories. Allowing them lets strangers' code run on its hosts."
    return refused(case, "public", "group takes no public repo", helps)


@RULES.rule("group-excludes-repository")
def group_excludes_repository(case: Case) -> Verdict | None:
    """Online runners have the labels; their groups are for other repositories."""
    helps = "Add the repository to the runner group, or ask for labels of a group that admits it."
    return refused(case, "repository", "group excludes repository", helps)


@RULES.rule("group-excludes-organization")
def group_excludes_organization(case: Case) -> Verdict | None:
    """Online runners of an enterprise have the labels; their groups are for other organisations."""
    helps = "Add the organization to the enterprise's runner group, or ask for labels of a group that admits it."
    return refused(case, "organization", "group excludes organization", helps)


@RULES.rule("group-restricts-workflows")
def group_restricts_workflows(case: Case) -> Verdict | None:
    """Online runners have the labels; their groups serve other workflows."""
    helps = "Add the workflow, with its ref, to the selected workflows of the runner group."
    return refused(case, "workflow", "group excludes workflow", helps)


@RULES.rule("unknown")
def group_rules_unknown(case: Case) -> Verdict | None:
    """A free runner has the labels; whether its group admits the job could not be told."""
    match = case.match
    if match.admitted or not match.uncertain & ~case.inquiry.pool.busy:
        return None
    return Verdict(("group rules not known",), "unknown", "watch", group_sentences(case), helps=would_tell(case))
