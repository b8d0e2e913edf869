"""What every test leaves as it found it."""

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# They have a command of their own: `make test-host`.
collect_ignore = [] if "TEST_HOST_PLACE" in os.environ else ["host"]

# What an example takes says how busy the machine is, and nothing of the product.
settings.register_profile("busy-machine", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy-machine")


@pytest.fixture(autouse=True)
def _own_log_as_it_was() -> Iterator[None]:
    """`--debug` in one test must not take the log of another."""
    log = logging.getLogger("console")
    before = (log.level, log.propagate, list(log.handlers))
    yield
    for handler in [handler for handler in log.handlers if handler not in before[2]]:
        log.removeHandler(handler)
        handler.close()
    log.setLevel(before[0])
    log.propagate = before[1]
