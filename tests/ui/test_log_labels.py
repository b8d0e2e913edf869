"""What logs are called within a merged one."""

from msgspec.structs import replace

from console.fleet.models import JobKey, RunnerKey
from console.ui.log_labels import LONGEST, labels
from console.ui.log_sources import JobOutput, LogKey, RunnerLog
from tests.ui import fleet_fixture as fleet

JOB, OTHER = (next(key for key in fleet.INCIDENT.jobs if key.id == number) for number in (14, 11))
RUNNER = RunnerLog("journal", fleet.STUCK.key)


def test_one_of_each_kind_needs_no_more_than_its_kind() -> None:
    keys: list[LogKey] = [JOB, RUNNER, RunnerLog("listener", fleet.STUCK.key), JobOutput(JOB)]
    assert labels(keys, fleet.INCIDENT) == ["job", "journal", "listener", "output"]


def test_of_two_of_a_kind_the_name_of_the_job_or_runner_is_said() -> None:
    keys: list[LogKey] = [JOB, OTHER, RUNNER, RunnerLog("journal", fleet.BUSY.key)]
    said = labels(keys, fleet.INCIDENT)
    assert said[:2] == ["job lint", "job build (3.12)"]
    assert [label[:7] for label in said[2:]] == ["journal", "journal"]
    assert said[2].endswith("03")
    assert said[3].endswith("01")
    assert all(len(label) <= LONGEST for label in said)


def test_jobs_of_one_name_and_such_as_are_not_listed_are_told_apart_by_their_ids() -> None:
    gone = RunnerKey(fleet.ORG, 99)
    again = JobKey("acme/web", 99)
    snapshot = replace(fleet.INCIDENT, jobs={**fleet.INCIDENT.jobs, again: fleet.INCIDENT.jobs[OTHER]})
    assert labels([RUNNER, RunnerLog("journal", gone)], snapshot)[1] == "journal 99"
    assert labels([OTHER, again], snapshot) == ["job 11", "job 99"]
    assert labels([OTHER, JobKey(OTHER.repository, 4711)], None) == ["job 11", "job 4711"]
