import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.lookup import find, nearest
from console.fleet.models import FleetSnapshot, Job, Runner
from tests.fleet.fleets import fleet, job, run, runner

BUILD = job(1, name="build (3.12)", run_id=101)
LINT = job(2, name="lint", run_id=101)
OTHER = job(3, name="lint", run_id=102, repository="acme/api")
ONE = runner(7, name="prod-linux-03")
TWIN = runner(1, name="twin")
TWIN_OF_WEB = runner(1, name="Twin", scope="repo:acme/web")
SHARED = runner(9, name="shared", scope="enterprise:acme-corp")

FLEET: FleetSnapshot = fleet(
    runners=[ONE, TWIN, TWIN_OF_WEB, SHARED],
    jobs=[BUILD, LINT, OTHER],
    runs=[run(101, number=812), run(102, number=5, repository="acme/api")],
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PROD-linux-03", [ONE]),
        ("7", [ONE]),
        ("2", [LINT]),
        ("1", [BUILD, TWIN, TWIN_OF_WEB]),
        ("twin", [TWIN, TWIN_OF_WEB]),
        ("repo:Acme/web/1", [TWIN_OF_WEB]),
        ("https://github.com/acme/web/actions/runs/101/job/2", [LINT]),
        ("https://github.com/Acme/web/actions/runs/101/job/2?pr=4#step:3:1", [LINT]),
        ("https://ghe.example.com/acme/web/actions/runs/101", [BUILD, LINT]),
        ("https://github.com/organizations/acme/settings/actions/runners/7", [ONE]),
        ("https://github.com/acme/web/settings/actions/runners/1", [TWIN_OF_WEB]),
        ("enterprise:Acme-Corp/9", [SHARED]),
        ("https://github.com/enterprises/acme-corp/settings/actions/runners/9", [SHARED]),
        ("https://github.com/acme-corp/settings/actions/runners/9", []),
        ("acme/web#812", [BUILD, LINT]),
        (" Acme/Web#812/Build (3.12) ", [BUILD]),
        ("acme/web #812 lint", [LINT]),
        ("lint", [LINT, OTHER]),
        ("acme/api lint", [OTHER]),
        ("acme/api/lint", [OTHER]),
        ("acme/api#812", []),
        ("nobody", []),
        ("", []),
        ("٣", []),
    ],
)
def test_what_somebody_names_is_found(text: str, found: list[Job | Runner]) -> None:
    assert [*find(FLEET, text)] == [each.key for each in found]


@given(st.text(max_size=30) | st.from_regex(r"(https://[a-z/]*|[a-z]/[a-z]#?)[0-9/#]*", fullmatch=True))
def test_whatever_is_typed_is_looked_up_without_harm(text: str) -> None:
    assert all(key in FLEET.runners or key in FLEET.jobs for key in find(FLEET, text))


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        (
            "prod-linux-3",
            ["prod-linux-13", "prod-linux-23", "prod-linux-03"],
            ["prod-linux-03", "prod-linux-13", "prod-linux-23"],
        ),
        ("prod-linux-3", ["prod-linux-30", "prod-linux-03"], ["prod-linux-03", "prod-linux-30"]),
        ("linux", ["prod-linux", "linux-2", "mac"], ["linux-2", "prod-linux"]),
        ("prod-lnux-03", ["mac-03", "prod-linux-13", "prod-linux-03"], ["prod-linux-03", "prod-linux-13"]),
        ("zebra", ["prod-linux-03"], []),
        ("", ["prod-linux-03"], []),
    ],
)
def test_who_names_nothing_is_told_the_nearest_first(text: str, names: list[str], found: list[str]) -> None:
    there = fleet(runners=[runner(number, name=name) for number, name in enumerate(names)])
    assert list(nearest(there, text)) == found


@given(st.text(max_size=30))
def test_every_name_that_holds_what_was_typed_is_told(text: str) -> None:
    told = nearest(FLEET, text)
    assert all(each.name in told for each in (ONE, TWIN) if text.strip() and text.strip().casefold() in each.name)
