"""The gate of one context: everything that changes a host or GitHub goes through it."""

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.operations.connection import ContextFacts
from console.operations.interfaces import Clock

if TYPE_CHECKING:
    from console.fleet.history import Operator
    from console.operations.history import History
    from console.operations.host_logs import RunnerHostLogs
    from console.operations.interfaces import GitHub, Hosts
    from console.operations.run_plan import Gate
    from console.operations.watch import Watch


def gate_for(
    facts: ContextFacts,
    github: "GitHub",
    hosts: "Hosts",
    *,
    watch: "Watch",
    host_logs: "RunnerHostLogs",
    history: "History",
    owners: Sequence[str],
    clock: Clock,
) -> "Gate":
    """Read-only as the facts say."""
    from console.operations.at_work import operator_here
    from console.operations.gather import Gatherer
    from console.operations.plan_parts import PartRunner
    from console.operations.plan_record import Recorder
    from console.operations.run_plan import Gate
    from console.remote.sanitize import redact, text

    def clean(words: str) -> str:
        return text(redact(words))

    operator = operator_here(os.environ, "")
    gatherer = Gatherer(github, hosts, watch=watch, locate=host_logs.locate, failure=watch.failure, clean=clean)
    recorder = Recorder(
        history,
        facts.name,
        operator,
        login=lambda: github.login(owners[0]),
        snapshot=watch.facts,
        now=clock.wall,
    )
    runner = PartRunner(github, hosts, gatherer, recorder, snapshot=watch.facts, clean=clean, clock=clock)
    return Gate(
        gatherer,
        runner,
        recorder,
        watch=watch,
        clock=clock,
        read_only=facts.read_only,
        now=github.now,
        operator=_plain(operator),
    )


def _plain(operator: "Operator") -> str:
    """Who is at work, in the characters that are sent to hosts."""
    login = re.sub(r"[^A-Za-z0-9_.+-]", "_", operator.login).lstrip("-.")[:60]
    # An address of one link names its interface behind a percent sign.
    return f"{login}@{operator.address.partition('%')[0]}" if operator.address else login
