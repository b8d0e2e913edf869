"""What was done in the small fleet: proved, cut off, and not proved."""

from datetime import timedelta
from typing import Any

from console.fleet.history import Chronicle, Deed, DeedPart, End, Entry, Operator, Process, Result, Subject
from tests.ui import fleet_fixture as fleet

AGO = timedelta(minutes=10)
SCRIPT = "ssh prod-linux-03 exec sh -s -- 'runner.service'\n{ set -u\n  systemctl restart -- \"$1\"\nexit; }"


def deed(number: str, name: str = "prod-linux-03", **more: Any) -> Deed:
    values: dict[str, Any] = {
        "id": number,
        "at": fleet.NOON - AGO,
        "operator": Operator("ops", "192.0.2.7", "octocat"),
        "context": "acme-prod",
        "action": "restart-service",
        "title": f"Restart service on {name}",
        "target": Subject("runner", fleet.ORG, fleet.STUCK.id, name),
        "parts": (DeedPart("script", SCRIPT), DeedPart("wait", "wait, 90 s at most: GitHub sees it")),
        "process": Process(4711, "1", "boot", "opsbox"),
        "host": "build-host",
        "unit": "runner.service",
        "directory": "/opt/runner",
        "agent_id": 3,
        "before": "active, idle",
        "console": "0.1.0",
    }
    return Deed(**(values | more))


def result(number: str, index: int, words: str) -> Result:
    return Result(id=number, at=fleet.NOON - AGO + timedelta(seconds=3), index=index, outcome="done", words=words)


def end(number: str, outcome: Any = "proved") -> End:
    at = fleet.NOON - AGO + timedelta(seconds=9)
    return End(id=number, at=at, outcome=outcome, words="One listener, online", after="active, online")


PROVED = Entry(deed("1"), (result("1", 0, "restarted"), result("1", 1, "online")), end("1"))
CUT_OFF = Entry(
    deed(
        "2",
        "gpu-01",
        at=fleet.NOON - timedelta(hours=2),
        target=Subject("runner", fleet.ORG, 99, "gpu-01"),
        operator=Operator("root"),
    ),
    (result("2", 0, "restarted"), None),
    None,
    there=False,
)
RERUN = Entry(
    deed(
        "3",
        at=fleet.NOON - timedelta(days=1),
        action="rerun-job",
        title="Re-run build (3.12)",
        target=Subject("job", "acme/web", 14, "build (3.12)"),
        parts=(DeedPart("request", "POST /repos/acme/web/actions/jobs/14/rerun"),),
        host="",
        unit="",
        directory="",
        agent_id=None,
    ),
    (None,),
    end("3", "not-proved"),
)
SOME = Chronicle((PROVED, CUT_OFF, RERUN), 2)
