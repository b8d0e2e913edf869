"""A drill tells how long it took to see, to understand and to mend."""

from console.operations.drill import Drill
from tests.virtual_clock import VirtualClock


def test_each_step_is_timed_from_the_one_before() -> None:
    clock, solved = VirtualClock(), [False]
    drill = Drill("x", lambda: solved[0], clock)
    assert not drill.ask_whether_solved(walked=True)
    drill.looked_into()
    drill.seen(found=False)
    clock.jump(10)
    drill.seen(found=True)
    assert not drill.ask_whether_solved(walked=False)
    clock.jump(30)
    drill.looked_into()
    clock.jump(70)
    solved[0] = True
    assert drill.ask_whether_solved(walked=False)
    assert not drill.ask_whether_solved(walked=False)
    assert drill.told() == "Solved: detection 10 s, diagnosis 30 s, repair 1 min; 1 min in all."


def test_what_was_not_seen_is_not_timed() -> None:
    clock, solved = VirtualClock(), [False]
    drill = Drill("x", lambda: solved[0], clock)
    drill.seen(found=False)
    drill.ask_whether_solved(walked=False)
    clock.jump(5)
    solved[0] = True
    assert drill.ask_whether_solved(walked=False)
    assert drill.told() == "Solved: detection not seen, diagnosis not seen, repair 5 s; 5 s in all."


def test_where_nothing_was_wrong_it_is_solved_when_the_runbook_was_walked() -> None:
    drill = Drill("x", lambda: True, VirtualClock())
    drill.seen(found=False)
    assert not drill.ask_whether_solved(walked=False)
    assert drill.told() == "Not solved."
    assert drill.ask_whether_solved(walked=True)
