"""What a step of a runbook may have the console look for: one decorated pure function for each, by whom it is about."""

# isort: off
from console.fleet.runbook_checks import of_runners, of_hosts, of_the_fleet

# isort: on
from console.fleet.runbook_checks.check import RUNBOOK_CHECKS, Check, Checked, Walked, made

__all__ = ["RUNBOOK_CHECKS", "Check", "Checked", "Walked", "made", "of_hosts", "of_runners", "of_the_fleet"]
