"""GitHub's status page, over real HTTP: what is read of it, what is made of a bad one, and what is never sent there."""

import gzip
from datetime import UTC, datetime
from typing import Any

import pytest

from console.errors import StatusPageError
from console.remote.github_status import ACTIONS_ID, MOST_BYTES, MOST_INCIDENTS, StatusPage
from tests.remote.fault_server import CANARY, FaultServer, Script, reply

SUMMARY = "/api/v2/summary.json"
ACTIONS = {"id": ACTIONS_ID, "name": "Actions", "status": "operational"}
VISIT = {"id": "0l2p9nhqnxpd", "name": "Visit www.githubstatus.com for more information", "status": "operational"}
INCIDENT = {
    "id": "x1",
    "name": "Incident with Actions",
    "status": "investigating",
    "impact": "minor",
    "updated_at": "2026-11-20T11:58:00.000Z",
    "components": [ACTIONS],
}


def summary(*components: object, incidents: list[Any] | None = None) -> dict[str, Any]:
    return {"page": {"id": "kctbh9vrtdwd"}, "components": [VISIT, *components], "incidents": incidents or []}


def page_of(server: FaultServer, *scripts: Script, deadline: float = 5.0) -> StatusPage:
    server.script(SUMMARY, *scripts)
    return StatusPage(server.url, user_agent="runner-console/test", deadline=deadline)


@pytest.mark.parametrize(
    ("word", "words", "troubled"),
    [
        ("operational", "operational", False),
        ("degraded_performance", "degraded", True),
        ("partial_outage", "partial outage", True),
        ("major_outage", "major outage", True),
        ("under_maintenance", "maintenance", True),
        ("on_fire", "on_fire", False),
    ],
)
async def test_the_state_of_actions_is_what_the_page_says(
    server: FaultServer, word: str, words: str, troubled: bool
) -> None:
    status = await page_of(server, reply(summary({**ACTIONS, "status": word}))).status()
    assert (status.actions, status.words, status.troubled) == (word, words, troubled)


async def test_actions_is_found_by_its_id_whatever_it_is_called_and_else_by_its_name(server: FaultServer) -> None:
    other = {"id": "zzz", "name": "Actions", "status": "major_outage"}
    page = page_of(
        server,
        reply(summary(other, {**ACTIONS, "name": "Workflows", "status": "partial_outage"})),
        reply(summary(other)),
        reply(summary()),
    )
    assert (await page.status()).actions == "partial_outage"
    assert (await page.status()).actions == "major_outage"
    assert (await page.status()).actions == ""


async def test_incidents_that_are_open_are_told_those_of_actions_first(server: FaultServer) -> None:
    others = [{**INCIDENT, "name": "Pages are late", "components": []}, {**INCIDENT, "status": "resolved"}]
    status = await page_of(server, reply(summary(ACTIONS, incidents=[*others, INCIDENT]))).status()
    assert [each.name for each in status.incidents] == ["Incident with Actions", "Pages are late"]
    assert status.incidents[0].updated_at == datetime(2026, 11, 20, 11, 58, tzinfo=UTC)
    assert status.incidents[0].impact == "minor"


async def test_what_the_page_says_cannot_steer_the_terminal_and_has_an_end(server: FaultServer) -> None:
    hostile = [{**INCIDENT, "name": "\x1b[2J\u202e" + CANARY + "x" * 5_000}] * 100
    status = await page_of(server, reply(summary({**ACTIONS, "status": "\x1b]0;x\x07"}, incidents=hostile))).status()
    assert len(status.incidents) == MOST_INCIDENTS
    assert status.incidents[0].name.isprintable()
    assert len(status.incidents[0].name) < 300
    assert CANARY not in status.incidents[0].name
    assert status.actions.isprintable()


async def test_one_odd_entry_does_not_spoil_the_others(server: FaultServer) -> None:
    odd: list[Any] = [7, {"name": "no time"}, {**INCIDENT, "updated_at": "yesterday"}, INCIDENT]
    status = await page_of(server, reply(summary(None, {"id": 3}, ACTIONS, incidents=odd))).status()
    assert (status.actions, len(status.incidents)) == ("operational", 1)


async def test_a_page_that_has_not_changed_is_not_sent_again(server: FaultServer) -> None:
    page = page_of(server, reply(summary(ACTIONS), headers={"ETag": 'W/"one"'}), reply(status=304))
    first = await page.status()
    assert await page.status() is first
    assert [request.headers.get("if-none-match") for request in server.asked] == [None, 'W/"one"']


async def test_no_token_is_sent_to_it(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_TOKEN", CANARY)
    await page_of(server, reply(summary(ACTIONS))).status()
    assert "authorization" not in server.asked[0].headers
    assert CANARY.encode() not in server.heard()


BAD = {
    "a page of HTML": reply(b"<html>proxy</html>"),
    "a list": reply([]),
    "without components": reply({"page": {}}),
    "an error": reply({"message": "no"}, 503),
    "nobody asked, and yet it has not changed": reply(status=304),
    "another place": reply(b"", 302, {"Location": "http://127.0.0.1:9/x"}),
    "nested without end": reply(b'{"components": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}"),
    "much too large": reply(gzip.compress(b" " * (MOST_BYTES + 1)), headers={"Content-Encoding": "gzip"}),
    "no text": reply(b'{"components": ["\xff"]}'),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_page_that_cannot_be_used_is_a_status_page_error_that_says_how_to_do_without(
    server: FaultServer, kind: str
) -> None:
    with pytest.raises(StatusPageError, match="GitHub's status page could not be read") as caught:
        await page_of(server, BAD[kind]).status()
    assert "status_url" in caught.value.hint


def test_a_page_goes_by_its_address() -> None:
    assert StatusPage("https://www.githubstatus.com", user_agent="x").place == "www.githubstatus.com"
    assert StatusPage("http://127.0.0.1:8080", user_agent="x").place == "127.0.0.1:8080"


async def test_a_page_that_does_not_answer_is_given_up_by_its_own_deadline(server: FaultServer) -> None:
    with pytest.raises(StatusPageError, match="within 0 s"):
        await page_of(server, [30.0], deadline=0.2).status()


async def test_a_page_that_is_not_there_is_an_error_of_the_same_kind() -> None:
    with pytest.raises(StatusPageError):
        await StatusPage("http://127.0.0.1:1", user_agent="x").status()
