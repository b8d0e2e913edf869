"""GitHub's own status, in its place of the header and among the sources."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from console.fleet.github_status import GithubStatus
from console.fleet.models import Freshness, Problem
from console.operations.connection import FirstPaint
from console.operations.look import Look
from console.ui.columns import Part
from console.ui.dialogs.sources import all_lines
from console.ui.widgets.header import HeaderLine, github_slot
from tests.ui import fleet_fixture as fleet
from tests.ui.test_app import banner, console, header, said

STATES = ["operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"]
PAGE = Freshness("status", "www.githubstatus.com", timedelta(minutes=2), fleet.NOON - timedelta(minutes=1))
FAILING = msgspec.structs.replace(
    PAGE, looked_at=None, problem=Problem("status-page", "It could not be read", "Do without", fleet.NOON)
)


def text_of(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts)


def look(state: str, page: Freshness | None = PAGE) -> Look:
    known = msgspec.structs.replace(fleet.INCIDENT, github_status=GithubStatus(state), status_page=page)
    return fleet.look(known)


async def test_the_header_says_what_github_says_of_itself_where_there_is_room() -> None:
    async with console(fleet.FakeConnector(look("operational")), size=(120, 30)) as (app, _):
        assert "GitHub: operational" in header(app)
        assert "as of 4 s ago" in header(app)


@pytest.mark.parametrize(
    ("state", "words"),
    list(zip(STATES, ["GitHub ok", "GH trouble", "GH outage", "GH outage", "GH upkeep"], strict=True)),
)
async def test_at_80_columns_github_is_said_in_a_word_and_age_and_budget_stay(state: str, words: str) -> None:
    async with console(fleet.FakeConnector(look(state)), size=(80, 24)) as (app, _):
        assert header(app).rstrip().endswith(words)
        assert " 4 s ago " in header(app)
        assert "API 4 812/5 000" in header(app)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("acme-production-in-europe", "acme-production-in-europe"),
        ("incident-build-cache-harmless", "incident-bui…che-harmless"),
        ("incident-session-harmless", "incident-session-harmless"),
    ],
)
async def test_at_80_columns_a_long_name_stays_what_tells_it_from_others(name: str, said: str) -> None:
    facts = msgspec.structs.replace(fleet.FACTS, name=name, read_only=False, demo="x")
    first = FirstPaint(context=facts.name)
    connector = fleet.FakeConnector(look("major_outage"), facts=facts)
    async with console(connector, first=first, size=(80, 24)) as (app, _):
        assert header(app).rstrip().endswith("GH outage")
        assert "API 4 812 " in header(app), "of how much is less needed than which fleet this is"
        assert f" {said} " in header(app)
        assert " 4 s ago " in header(app)


@pytest.mark.parametrize("width", [80, 100, 120, 160, 200])
async def test_nothing_in_the_header_moves_when_github_s_state_changes(width: int) -> None:
    lines = []
    for state in [*STATES, ""]:
        async with console(fleet.FakeConnector(look(state)), size=(width, 24)) as (app, _):
            lines.append(header(app))
    assert len({line.index("G", line.index("API") + 3) for line in lines}) == 1
    assert {len(line) for line in lines} == {width}


@pytest.mark.parametrize("short", [True, False])
def test_trouble_is_amber_an_outage_red_and_what_is_not_known_a_question_mark(*, short: bool) -> None:
    def shown(state: str, page: Freshness = PAGE) -> tuple[str, str]:
        slot = github_slot(look(state, page).snapshot, fleet.NOON, short=short)
        assert len(text_of(slot.parts)) <= slot.width
        return slot.parts[-1].text, slot.parts[-1].style

    assert [shown(state)[1] for state in STATES] == ["", "warning", "error", "error", "warning"]
    late = msgspec.structs.replace(PAGE, looked_at=fleet.NOON - timedelta(hours=1))
    assert {shown("", PAGE), shown("major_outage", late), shown("operational", FAILING)} == {("?", "muted")}


async def test_where_no_page_is_asked_the_header_says_nothing_of_it() -> None:
    async with console(fleet.FakeConnector(look("", None)), size=(160, 30)) as (app, _):
        assert "GitHub" not in header(app)


async def test_a_page_that_fails_is_told_among_the_sources_and_alarms_nobody() -> None:
    async with console(fleet.FakeConnector(look("", FAILING)), size=(120, 30)) as (app, _):
        assert "GitHub: ?" in header(app)
        assert "warning" not in str(app.main.query_one(HeaderLine).render().spans)
        assert banner(app) == ""
        assert said(app) == []
    lines = [text_of(line) for line in all_lines(None, look("", FAILING).snapshot, fleet.NOON)]
    assert any(line.startswith("status") and "www.githubstatus.com" in line for line in lines)
    assert any("It could not be read" in line for line in lines)
