"""The runners that come closest to a job that none can take are named first."""

from console.fleet.diagnosis import diagnose
from console.fleet.explain import explain_job
from console.fleet.models import FleetSnapshot, Job, plain
from tests.fleet.fleets import LINUX, fleet, job, runner

BUILDERS = [runner(number, name=f"build-linux-{number}") for number in range(1, 6)]
GPUS = [runner(number, name=f"gpu-{number}", labels=(*LINUX, "gpu-a100"), busy=number == 12) for number in (11, 12)]
TYPO = job(labels=(*LINUX, "gpu-a10"))


def named_in_table(snapshot: FleetSnapshot, about: Job) -> list[str]:
    table = explain_job(snapshot, about.key).table
    assert table is not None
    return [row.name for row in table.rows]


def test_runners_whose_label_is_nearest_to_the_missing_one_are_named_first() -> None:
    snapshot = fleet(runners=[*BUILDERS, *GPUS], jobs=[TYPO])
    assert named_in_table(snapshot, TYPO)[:3] == ["gpu-11", "gpu-12", "build-linux-1"]
    (finding,) = diagnose(snapshot)
    assert "7 runners have all labels but gpu-a10: gpu-11, gpu-12, build-linux-1" in plain(finding.evidence[0])


def test_the_nearest_of_several_labels_alike_comes_first() -> None:
    others = [runner(21, name="far", labels=(*LINUX, "gpu-t4")), runner(22, name="near", labels=(*LINUX, "GPU-A1O"))]
    snapshot = fleet(runners=[*BUILDERS, *others], jobs=[TYPO])
    assert named_in_table(snapshot, TYPO)[:3] == ["near", "far", "build-linux-1"]


def test_a_runner_that_lacks_fewer_labels_comes_before_one_with_a_label_that_is_alike() -> None:
    wanted = job(labels=("self-hosted", "linux", "ssd", "gpu-a10"))
    alike = runner(31, name="alike", labels=("self-hosted", "gpu-a100"))
    fewer = runner(32, name="fewer", labels=("self-hosted", "linux"))
    assert named_in_table(fleet(runners=[alike, fewer, *BUILDERS], jobs=[wanted]), wanted)[0] == "fewer"


def test_of_runners_that_lack_several_labels_those_with_most_of_them_come_first() -> None:
    wanted = job(labels=("self-hosted", "solaris", "sparc", "ssd"))
    most = runner(41, name="most", status="offline", labels=("self-hosted", "ssd"))
    none = runner(42, name="none", labels=())
    assert named_in_table(fleet(runners=[none, *BUILDERS, most], jobs=[wanted]), wanted) == [
        "most",
        *(each.name for each in BUILDERS),
        "none",
    ]


def test_the_label_of_runners_that_have_all_others_is_suggested_before_a_closer_one_elsewhere() -> None:
    elsewhere = [runner(number, name=f"arm-{number}", labels=("self-hosted", "gpu-a10x")) for number in (51, 52)]
    (finding,) = diagnose(fleet(runners=[*elsewhere, *GPUS], jobs=[TYPO]))
    assert "If gpu-a10 was meant to be gpu-a100" in plain(finding.helps)
