"""RULES: what may keep a job from running, in the order in which it is asked.

First comes what GitHub itself says of the job, its repository and its age, then labels and who is online, then runner
groups, and last who is free and what is known of those that are.
"""

from typing import get_args

from console.fleet import rules_of_groups, rules_of_idlers, rules_of_jobs, rules_of_labels
from console.fleet.rule import About, Rule

RULES: tuple[Rule, ...] = (
    *rules_of_jobs.RULES,
    *rules_of_labels.RULES,
    *rules_of_groups.RULES,
    *rules_of_idlers.RULES,
)
RULES_ABOUT: dict[About, tuple[Rule, ...]] = {
    about: tuple(rule for rule in RULES if rule.about == about) for about in get_args(About)
}
