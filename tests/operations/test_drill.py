"""A drill tells how long it took to see, to understand and to mend."""

from pathlib import Path

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
    assert drill.told() == "Solved: detection 10 s, diagnosis 30 s, repair 1 min 10 s; 1 min 50 s in all."


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
    assert drill.told() == "Not solved when it was left after 0 s: detection not seen, diagnosis not seen."
    assert drill.ask_whether_solved(walked=True)


def test_what_is_left_early_tells_how_far_it_had_come() -> None:
    clock = VirtualClock()
    drill = Drill("x", lambda: False, clock, speed=10)
    assert drill.told() == "Not solved: the fleet was not seen."
    drill.seen(found=False)
    clock.jump(100.7)
    drill.seen(found=True)
    clock.jump(20.5)
    how_far = "detection 1 min 40 s, diagnosis not seen"
    said = f"Not solved when it was left after 2 min 01 s, in pretend time, 10 times as fast: {how_far}."
    assert drill.left() == (said,)


def test_the_parts_make_up_the_whole() -> None:
    clock, solved = VirtualClock(), [False]
    drill = Drill("x", lambda: solved[0], clock)
    drill.seen(found=False)
    drill.ask_whether_solved(walked=False)
    clock.jump(3.6)
    drill.seen(found=True)
    clock.jump(3.6)
    drill.looked_into()
    clock.jump(3.6)
    solved[0] = True
    drill.ask_whether_solved(walked=False)
    assert drill.told() == "Solved: detection 3 s, diagnosis 4 s, repair 3 s; 10 s in all."


def test_where_its_records_are_is_told_once_each(tmp_path: Path) -> None:
    drill = Drill("x", lambda: False, VirtualClock(), records=tmp_path)
    for name in ("a.md", "b.md", "a.md"):
        drill.kept(tmp_path / name)
    assert drill.left()[1:] == (f"its record: {tmp_path / 'a.md'}", f"its record: {tmp_path / 'b.md'}")
