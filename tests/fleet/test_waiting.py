"""How jobs that wait become findings."""

from console.fleet.diagnosis import diagnose
from console.fleet.models import Name, plain
from tests.fleet.fleets import fleet, job, runner

GPU = ("self-hosted", "linux", "gpu-a10")


def test_many_jobs_of_one_cause_are_one_finding() -> None:
    (finding,) = diagnose(fleet(runners=[runner()], jobs=[job(n, labels=GPU) for n in range(1000)]))
    assert plain(finding.subject) == "1 000 jobs of acme/web that want gpu-a10 self-hosted linux"
    assert len(finding.jobs) == 1000
    assert plain(finding.evidence[-1]) == "997 jobs more."


def test_jobs_that_wait_for_no_runner_are_one_finding_whatever_their_labels() -> None:
    (finding,) = diagnose(fleet(jobs=[job(1, status="pending"), job(2, status="pending", labels=GPU)]))
    assert plain(finding.subject) == "2 jobs of acme/web"


def test_labels_are_grouped_without_case_and_order() -> None:
    jobs = [job(1, labels=GPU), job(2, labels=("GPU-A10", "Linux", "self-hosted"))]
    assert len(diagnose(fleet(runners=[runner()], jobs=jobs))) == 1


def test_jobs_of_several_repositories_are_one_finding_of_their_owner() -> None:
    jobs = [job(1, labels=GPU), job(2, labels=GPU, repository="acme/api")]
    (finding,) = diagnose(fleet(runners=[runner()], jobs=jobs))
    assert plain(finding.subject) == "2 jobs of acme that want gpu-a10 self-hosted linux"


def test_jobs_of_different_owners_labels_or_causes_are_told_apart() -> None:
    runners = [runner(1), runner(2, scope="org:other")]
    jobs = [
        job(1, labels=GPU),
        job(2, labels=("self-hosted", "sparc")),
        job(3, labels=GPU, repository="other/x"),
        job(4, labels=GPU, status="pending"),
    ]
    found = diagnose(fleet(runners=runners, jobs=jobs))
    assert len({finding.key for finding in found}) == len(found) == 4


def test_the_finding_keeps_its_key_while_jobs_come_and_go() -> None:
    before = diagnose(fleet(runners=[runner()], jobs=[job(1, minutes=20, labels=GPU), job(2, labels=GPU)]))
    after = diagnose(fleet(runners=[runner()], jobs=[job(2, labels=GPU)]))
    assert before[0].key == after[0].key


def test_jobs_with_labels_of_their_own_do_not_become_hundreds_of_findings() -> None:
    jobs = [job(n, labels=("self-hosted", f"run-{n}")) for n in range(300)]
    (finding,) = diagnose(fleet(runners=[runner()], jobs=jobs))
    assert plain(finding.subject) == "300 jobs of acme/web that want many different labels"
    assert " and the like" in plain(finding.summary)


def test_the_oldest_job_comes_first_and_says_since_when() -> None:
    jobs = [job(1, minutes=5, labels=GPU), job(2, minutes=25, labels=GPU)]
    (finding,) = diagnose(fleet(runners=[runner()], jobs=jobs))
    assert [key.id for key in finding.jobs] == [2, 1]
    assert finding.since == job(2, minutes=25).created_at


def test_foreign_names_stay_apart_from_our_words() -> None:
    (finding,) = diagnose(fleet(runners=[runner()], jobs=[job(name="[red]x", labels=("self-hosted", "[/]"))]))
    phrases = [finding.subject, finding.summary, finding.helps, *finding.evidence]
    words = "".join(part for phrase in phrases for part in phrase if isinstance(part, str))
    assert "[" not in words
    assert Name("[red]x") in finding.subject
