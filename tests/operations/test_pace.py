"""How often a fleet is looked at, given its size and what is left of the budget."""

from datetime import timedelta

from console.fleet.server import Budget
from console.operations.pace import SLOWEST, Spending, stretch
from tests.virtual_clock import START

EVERY = timedelta(seconds=15)
FULL = Budget(5000, 5000, START + timedelta(hours=1))


def test_a_small_fleet_is_looked_at_as_often_as_wished() -> None:
    assert stretch(60, EVERY, 0.5, FULL, START) == 1.0


def test_requests_never_exceed_the_rate_that_github_tolerates() -> None:
    assert stretch(600, EVERY, 0.0, FULL, START) == 4.0


def test_a_budget_that_would_not_last_until_it_is_renewed_slows_the_looks_down() -> None:
    half = Budget(5000, 2750, START + timedelta(minutes=30))
    assert stretch(10, EVERY, 2.0, half, START) > 1.7
    assert stretch(10, EVERY, 1.0, half, START) == 1.0


def test_a_used_up_budget_makes_looks_rare_but_never_ends_them() -> None:
    assert stretch(10, EVERY, 2.0, Budget(5000, 0, START + timedelta(hours=1)), START) == SLOWEST


def test_a_server_without_limits_is_not_spared_for_its_budget() -> None:
    assert stretch(10, EVERY, 100.0, Budget(), START) == 1.0


def test_spending_is_told_from_the_remaining_budget_and_forgets_a_renewal() -> None:
    spending = Spending()
    for minute in range(20):
        spending.note(60.0 * minute, Budget(5000, 4000 - 60 * minute))
    assert 0.9 < spending.a_second < 1.0
    before = spending.a_second
    spending.note(1200.0, Budget(5000, 5000))
    assert spending.a_second == before


def test_one_look_that_asks_for_much_does_not_slow_down_those_after_it() -> None:
    spending = Spending()
    spending.note(0.0, Budget(5000, 4900))
    spending.note(15.0, Budget(5000, 4800))
    assert stretch(60, EVERY, spending.a_second, Budget(5000, 4800, START + timedelta(minutes=59)), START) == 1.0
