"""The demo's stuck runner is mended from its runbook: every step ticks itself, and the record tells all of it."""

import pytest

from console.operations import plan_parts
from tests.needs import needs
from tests.ui.test_acting_in_the_demo import SPEED, looked_until
from tests.ui.test_actions import later
from tests.ui.test_demo_with_hosts import demo

pytestmark = needs("ssh")


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
        await hand.until_read("✓ 4 Restart its service", "Done, and proved.")
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
