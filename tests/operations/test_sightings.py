"""What an open log says of its runner."""

from pathlib import Path

import pytest

from console.fleet.models import Runner
from console.fleet.signatures import shipped_catalogue
from console.operations.interfaces import SystemClock
from console.operations.logs import OpenLog
from console.operations.sightings import sightings_in
from console.remote.log_text import Spool

RUNNER = Runner("org:acme", 42, "linux-01", "Linux", "online", busy=False, labels=())
AT = "2026-09-02 05:14:0"
LOST = (
    f"{AT}1Z: Runner connect error: Failed to get job message. Request to https://broker.actions.githubusercontent.com"
    "/message failed with status: ServiceUnavailable. Error message Error: Service Unavailable. Retrying until"
    " reconnected."
)


@pytest.mark.parametrize(
    ("later", "over"), [("", False), (f"{AT}5Z: Runner reconnected.", True), (f"{AT}5Z: Running job: build", True)]
)
async def test_a_known_line_is_told_with_its_time_and_whether_it_is_over(
    tmp_path: Path, later: str, over: bool
) -> None:
    spool = Spool(tmp_path)
    spool.append(f"{LOST}\n{later}\n".encode())
    spool.end()
    log = OpenLog(("journal",), "service-log", spool, shipped_catalogue, SystemClock())
    *_, reading = [reading async for reading in log.readings()]
    (seen,) = sightings_in(reading, log.text, RUNNER, "host-1")
    assert (seen.signature, seen.host, seen.over) == ("broker.message-5xx", "host-1", over)
    assert f"{seen.at:%H:%M:%S}" == "05:14:01"
    await log.close()
