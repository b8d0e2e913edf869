"""What the title of a log says of its connection to a host."""

from datetime import UTC, datetime, timedelta

from console.fleet.log_lines import LogExtent
from console.fleet.models import Name
from console.operations.feed_state import FeedState
from console.ui.columns import Part
from console.ui.widgets.log_title import Titled, state_part, title

NOW = datetime(2026, 11, 21, 2, 41, 11, tzinfo=UTC)


def said(state: FeedState) -> str:
    return "".join(part.text for part in state_part(state, NOW))


def test_a_connected_log_of_which_there_is_nothing_to_know_says_nothing() -> None:
    assert said(FeedState("connected", NOW)) == ""


def test_a_lost_connection_says_since_when_why_and_when_it_is_tried_again() -> None:
    lost = FeedState("disconnected", NOW - timedelta(seconds=4), NOW + timedelta(seconds=8), "No route to host.")
    assert said(lost) == "disconnected at 02:41:07, tries again in 8 s, No route to host."
    assert state_part(lost, NOW)[0].style == "warning"


def test_the_step_of_a_running_job_is_drawn_as_foreign_text_among_our_words() -> None:
    running = FeedState("connected", NOW, notes=("buffered, may lag by 5 KB",), step="disconnected [/x]")
    assert said(running) == "in step disconnected [/x], buffered, may lag by 5 KB"
    assert Part("disconnected [/x]", "foreign") in state_part(running, NOW)


def test_a_log_whose_host_is_not_tried_again_says_since_when_first_and_its_reason_once() -> None:
    why = "The host key of build-03 has changed."
    lost = FeedState("disconnected", NOW - timedelta(seconds=4), reason=why)
    log = Titled(("journal of build-03",), LogExtent(9, 900, trouble=why), 0, state=state_part(lost, NOW))
    words = "".join(part.text for part in title(log, 100))
    assert words == f"  journal of build-03 · disconnected at 02:41:07, {why} · 1/9"
    assert why in "".join(part.text for part in title(log._replace(state=()), 100)), "a log that is no host's"


def test_however_much_there_is_to_say_it_is_seen_which_log_of_which_runner_it_is() -> None:
    lost = FeedState("disconnected", NOW, NOW + timedelta(seconds=8), "No network leads to prod-linux-03: no route.")
    name = (Name("prod-linux-03"), " ", "service journal", " on ", Name("prod-linux-03"), "")
    log = Titled(name, LogExtent(9, 900), 0, state=state_part(lost, NOW))
    words = "".join(part.text for part in title(log, 80))
    assert words.startswith("  prod…-03 service journal on prod…-03 · disconnected at 02:41:11, tries")
