"""The demo's stuck runner is mended from its runbook: every step ticks itself, and the record tells all of it."""

from datetime import timedelta

import pytest

from console.assemble.connectors import DemoConnector
from console.operations import plan_parts
from console.simulator.clock import WorldClock
from console.simulator.scenarios import planned_maintenance, scenario_named
from tests.needs import needs
from tests.operations.test_history import a_deed
from tests.ui.test_acting_in_the_demo import SPEED, looked_until
from tests.ui.test_actions import later
from tests.ui.test_demo_with_hosts import Visitor, demo
from tests.virtual_clock import START, VirtualClock

pytestmark = needs("ssh")


async def test_a_runner_is_drained_updated_and_returned_by_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_parts, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(planned_maintenance, "LOOKS_EVERY", 1.0)
    monkeypatch.setattr(planned_maintenance, "TAKES", timedelta(seconds=1))
    async with demo("planned-maintenance", speed=SPEED) as hand:
        await hand.until(lambda: bool(hand.app.main.runbook_names()))
        await hand.type(":runbook planned-maintenance")
        await hand.press("enter")
        await hand.until_read("about  prod-linux-07", "1 runner behind: prod-linux-07")
        await hand.press("j", "j", "a")
        await done(hand)
        await looked_until(hand, "✓ 2 Drain it", "✓ 3 See that it is out", "✓ 4 See that nothing runs")
        await hand.until(lambda: version_of(hand) == "2.336.0")
        await hand.press("g", *"jjjjj", "t")
        await hand.until_read("✓ 5 Do the work")
        await hand.press("j", "a")
        await done(hand)
        await looked_until(
            hand, "✓ 6 Return it", "✓ 7 See its service at work", "✓ 8 See it take jobs", "✓ 9 See its version"
        )
        await hand.until_read("9 of 9")
        walks = hand.app.main._walking
        assert walks is not None
        assert walks.walks["planned-maintenance"].whole


async def done(hand: Visitor) -> None:
    """It is agreed to, and proved."""
    await hand.until_read("Enter does it, once.")
    await later(hand)
    await hand.until_read("✓  Proved.")
    await later(hand, "escape")


def version_of(hand: Visitor) -> str:
    """As it is on the host: GitHub learns it when the runner comes back."""
    connector = hand.app._connector
    assert isinstance(connector, DemoConnector)
    world = connector._world
    assert world is not None
    with world.lock:
        world.advance()
        return world.runner("prod-linux-07").unpacked


async def test_a_runbook_leads_from_the_finding_to_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_parts, "LOOK_EVERY", 0.1)
    async with demo("idle-while-queued", speed=SPEED) as hand:
        await hand.until(lambda: bool(hand.app.main.runbook_names()))
        await hand.type(":runbook runner-idle-while-queued")
        await hand.press("enter")
        await hand.until_read("about  prod-linux-03: idle", "… 4 Restart its service")
        await hand.press("G", "k", "k", "a")
        await hand.until_read("Enter does it, once.")
        await later(hand)
        await hand.until_read("✓  Proved.")
        await later(hand, "escape")
        await hand.until_read("✓ 4 Restart its service", "Done, and proved ")
        await looked_until(hand, "✓ 5 See it take a job", "✓ 6 See that nothing is left waiting")
        await hand.press("E")
        connection = hand.app.main.connection
        assert connection is not None
        walking = hand.app.main._walking
        assert walking is not None
        place = connection.walks.place(walking.walks["runner-idle-while-queued"])
        await hand.until(lambda: "\n- Ended: " in place.read_text())
        written = place.read_text()
        assert "## 4. [x] Restart its service" in written
        assert "done and proved: Restart service on prod-linux-03" in written
        assert "## What was done meanwhile" in written


async def test_what_is_done_in_a_demo_is_kept_by_its_own_clock() -> None:
    """Where pretend time passes faster, a record would else tell of an end before its beginning."""
    clock = VirtualClock()
    connection = await DemoConnector(scenario_named("healthy"), clock, lambda: WorldClock(START, frozen=True)).open(
        None
    )
    try:
        connection.history.begin(a_deed("1"))
        connection.history.end("1", "proved")
        assert connection.history.entries()[0].ended_at == clock.wall()
    finally:
        await connection.close()
