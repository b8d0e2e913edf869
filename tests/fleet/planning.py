"""What came of an action that was planned."""

from console.fleet.models import plain
from console.fleet.plans import Plan, Refusal


def refused(planned: Plan | Refusal) -> str:
    """Why, and what helps."""
    assert isinstance(planned, Refusal), planned
    return f"{plain(planned.reason)} {plain(planned.helps)}"


def planned(result: Plan | Refusal) -> Plan:
    """It was not refused."""
    assert isinstance(result, Plan), refused(result)
    return result


def told(plan: Plan) -> str:
    """All that is said of it."""
    return "\n".join(
        plain(each) for each in (plan.title, *plan.hurts, *(words for _, words in plan.about), *plan.notes)
    )
