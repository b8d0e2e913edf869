"""Every early warning, one decorated function for each, in the module of what it is about."""

from console.fleet.warnings import of_hosts, of_jobs, of_runners, of_versions
from console.fleet.warnings.beside import warned_beside
from console.fleet.warnings.registry import WARNINGS, Signs, warning_findings
from console.fleet.warnings.worth_asking import worth_asking

__all__ = [
    "WARNINGS",
    "Signs",
    "of_hosts",
    "of_jobs",
    "of_runners",
    "of_versions",
    "warned_beside",
    "warning_findings",
    "worth_asking",
]
