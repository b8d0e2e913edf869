"""An enterprise in the configuration, and its runners as commands tell of them."""

import re
from pathlib import Path

import pytest

from console.settings.reading import load
from console.simulator.enterprises import admit
from console.simulator.tokens import DEMO_TOKEN, Token
from tests.cli.commands import Terminal
from tests.cli.console import Console

NO_JOBS = "GitHub lists no repositories of an enterprise"


def test_an_enterprise_is_a_scope_with_a_token_of_its_own(terminal: Terminal, config: Path) -> None:
    added = terminal("context", "add", "corp", "--scope", "enterprise:acme-corp", "--repository", "acme/*")
    assert (added.code, NO_JOBS in added.err) == (0, False)
    context = load(config, {}).contexts["corp"]
    assert (context.scopes, context.owners) == (("enterprise:acme-corp",), ("acme-corp", "acme"))
    text = config.read_text().replace('token = "keyring"', "")
    config.write_text(text + '[contexts.corp.token]\nAcme-Corp = { command = ["corp-token"] }\nacme = "env"\n')
    context = load(config, {}).contexts["corp"]
    assert (context.token_from("acme-corp"), context.token_from("acme")) == (("corp-token",), "env")


@pytest.mark.parametrize(
    "name", ["enterprise:", "enterprise:acme/web", "enterprise:a b", "enterprise:-a", "enterprise"]
)
def test_what_is_no_name_of_an_enterprise_is_refused_in_words(terminal: Terminal, config: Path, name: str) -> None:
    ended = terminal("context", "add", "corp", "--scope", name if ":" in name else f"{name}:..")
    assert ended.code == 2
    assert "A scope is enterprise:NAME, org:NAME or repo:OWNER/NAME." in ended.err
    assert not config.exists()


def test_an_enterprise_alone_says_that_no_jobs_are_watched(terminal: Terminal, config: Path) -> None:
    added = terminal("context", "add", "corp", "--scope", "enterprise:acme-corp")
    assert added.code == 0
    assert NO_JOBS in added.err
    checked = terminal("config", "check")
    assert (checked.code, NO_JOBS in checked.out) == (0, True)


@pytest.mark.scenario("enterprise-runners")
def test_a_group_of_the_enterprise_that_is_for_another_organization_is_named(console: Console) -> None:
    code, answer = console.json("now")
    assert code == 1
    (finding,) = [each for each in answer["findings"] if each["severity"] != "info"]
    assert (finding["cause"], finding["certainty"]) == ("group-excludes-organization", "proved")
    said = " ".join(finding["evidence"])
    assert "The group Large machines of enterprise:acme-corp (4 runners with the labels, 4 online)" in said
    assert "does not admit organization acme-labs." in said
    assert console("explain", str(finding["jobs"][0]["id"])) == 1
    assert re.search("its group admits the job +NO", console.out)


@pytest.mark.scenario("enterprise-runners")
def test_runners_of_an_enterprise_are_listed_named_and_explained(console: Console) -> None:
    _, answer = console.json("runners")
    found = next(each for each in answer["runners"] if each["name"] == "large-linux-04")
    assert (found["scope"], found["group"]) == ("enterprise:acme-corp", "Large machines")
    for named in (f"enterprise:acme-corp/{found['id']}", "large-linux-04"):
        assert console("explain", named) == 0
        assert "its group does not admit them: acme-labs/gpu-tests" in console.out
    address = f"https://github.com/enterprises/acme-corp/settings/actions/runners/{found['id']}"
    assert console("explain", address) == 0


@pytest.mark.scenario("enterprise-runners")
def test_an_enterprise_that_may_not_be_read_leaves_it_open_and_names_the_permission(console: Console) -> None:
    console.world.tokens[DEMO_TOKEN] = Token(console.world.actors[0])
    _, answer = console.json("now")
    assert {each["place"] for each in answer["problems"]} == {"enterprise:acme-corp"}
    assert all("manage_runners:enterprise" in each["hint"] for each in answer["problems"])
    (finding,) = [each for each in answer["findings"] if each["severity"] != "info"]
    assert (finding["cause"], finding["certainty"]) == ("unknown", "unknown")
    assert finding["helps"].startswith("The runners of enterprise:acme-corp could not be read. The token needs:")
    assert "manage_runners:enterprise" in finding["helps"]


@pytest.mark.scenario("enterprise-runners")
def test_an_enterprise_without_repositories_is_never_called_healthy(console: Console) -> None:
    config = console.home / "config" / "runner-console" / "config.toml"
    lines = [line for line in config.read_text().splitlines() if not line.startswith(("scopes", "repositories"))]
    config.write_text("\n".join([*lines, 'scopes = ["enterprise:acme-corp"]', ""]))
    code, answer = console.json("now")
    assert (code, answer["totals"]["runners"]) == (3, 6)
    assert NO_JOBS in answer["problems"][0]["message"]


@pytest.mark.scenario("enterprise-runners")
def test_without_its_enterprise_an_organization_still_knows_which_labels_it_has_from_there(console: Console) -> None:
    """No list of an organization has an enterprise's runners: what only these could take is not called impossible."""
    config = console.home / "config" / "runner-console" / "config.toml"
    config.write_text(config.read_text().replace('"enterprise:acme-corp", ', ""))
    large = next(
        group for group in console.world.groups["enterprise:acme-corp"].values() if group.shared.keys() == {"acme"}
    )
    with console.world.lock:
        for runner in console.world.runners["enterprise:acme-corp"].values():
            console.world.set_status(runner, "offline")
        admit(console.world, large, "acme-labs")
    _, answer = console.json("now")
    (finding,) = [each for each in answer["findings"] if "acme-labs/gpu-tests" in each["subject"]]
    assert (finding["cause"], finding["certainty"]) == ("unknown", "unknown")
    assert "Groups of its enterprise have runners with all labels: Large machines." in finding["evidence"]
    assert "Add the scope enterprise:NAME to the context" in finding["helps"]
