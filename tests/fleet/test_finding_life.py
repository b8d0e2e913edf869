"""The life of a finding: new, acknowledged, muted, cleared, and back again."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from console.fleet.finding_life import (
    FLAPS_WITHIN,
    MOST,
    UNSEEN_FOR,
    UNSEEN_HERE_FOR,
    acknowledged,
    life_of,
    lived,
    muted,
    unmuted,
)
from console.fleet.findings import Finding
from console.fleet.lives import LONGEST_MUTE, Lives, cleared_lately
from console.fleet.models import Age, RunnerKey, plain
from tests.fleet.fleets import NOON

ONE, TWO, THREE = (RunnerKey("org:acme", number) for number in (1, 2, 3))
HOUR = timedelta(hours=1)


def found(*runners: RunnerKey, cause: str = "idle-while-queued", about: str = "", **changes: object) -> Finding:
    runners = runners or (ONE,)
    finding = Finding(
        cause=cause,
        severity="watch",
        certainty="likely",
        subject=(f"linux-{runners[0].id}",),
        summary=("idle ", Age(timedelta(minutes=2), NOON)),
        since=NOON,
        runners=runners,
        about=about or f"{runners[0].scope}/{runners[0].id}",
    )
    return replace(finding, **changes)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def story(*looks: tuple[float, Iterable[Finding]], begin: Lives = ()) -> Lives:
    """The lives after looks at these minutes."""
    for minutes, findings in looks:
        begin = lived(begin, findings, after(minutes))
    return begin


def test_what_is_found_for_the_first_time_is_new() -> None:
    (life,) = story((0, [found()]))
    assert (life.state(NOON), life.first_seen, life.subject) == ("new", NOON, "linux-1")
    assert life_of((life,), found()) == life


def test_nothing_is_news_while_nothing_changes() -> None:
    lives = story((0, [found()]))
    assert lived(lives, [found()], after(0.5)) is lives
    later = replace(found(), summary=("idle ", Age(timedelta(minutes=3), NOON)))
    assert lived(lives, [later], after(0.5)) is lives, "an age that counts on is no news"


def test_what_is_acknowledged_stays_so_until_it_clears() -> None:
    (life,) = story((0, [found()]))
    lives = story((5, [found()]), begin=(acknowledged(life, "ops", after(1)),))
    assert (lives[0].state(after(5)), lives[0].acknowledged_by) == ("acknowledged", "ops")
    later = FLAPS_WITHIN / timedelta(minutes=1)
    anew = story((6, []), (8, []), (9 + later, [found()]), begin=lives)
    assert [life.state(after(9 + later)) for life in anew if life.cleared_at is None] == ["new"]


def test_what_is_muted_comes_back_when_its_time_is_over() -> None:
    (life,) = story((0, [found()]))
    lives = (muted(life, "ops", NOON + HOUR),)
    assert story((59, [found()]), begin=lives)[0].state(after(59)) == "muted"
    (back,) = story((60, [found()]), begin=lives)
    assert (back.state(after(60)), back.mute) == ("new", None)


@pytest.mark.parametrize(
    "worse",
    [
        pytest.param(found(severity="alert"), id="an alert out of a watch"),
        pytest.param(found(ONE, TWO), id="one more runner"),
    ],
)
def test_what_is_muted_comes_back_when_it_gets_worse(worse: Finding) -> None:
    (life,) = story((0, [found()]))
    (back,) = story((1, [worse]), begin=(acknowledged(muted(life, "ops", NOON + HOUR), "ops", NOON),))
    assert (back.state(after(1)), back.worse) == ("new", True)


def test_what_is_muted_stays_so_while_it_gets_better() -> None:
    (life,) = story((0, [found(ONE, TWO, severity="alert")]))
    (still,) = story((1, [found(ONE)]), begin=(muted(life, "ops", NOON + HOUR),))
    assert still.state(after(1)) == "muted"


def test_of_many_runners_one_more_does_not_end_a_mute_and_many_more_do() -> None:
    many = [RunnerKey("org:acme", number) for number in range(61)]
    (life,) = story((0, [found(*many[:40])]))
    mute = (muted(life, "ops", NOON + HOUR),)
    for number, state in ((39, "muted"), (41, "muted"), (60, "muted"), (61, "new")):
        (now,) = story((1, [found(*many[:number])]), begin=mute)
        assert now.state(after(1)) == state, number


def test_an_acknowledged_alert_that_is_a_watch_for_a_while_and_an_alert_again_is_no_news() -> None:
    (life,) = story((0, [found(severity="alert")]))
    known = (acknowledged(life, "ops", NOON),)
    (back,) = story((1, [found(severity="watch")]), (2, [found(severity="alert")]), begin=known)
    assert (back.state(after(2)), back.acknowledged_by) == ("acknowledged", "ops")


def test_an_acknowledged_watch_that_becomes_an_alert_is_new_again() -> None:
    (life,) = story((0, [found()]))
    (back,) = story((1, [found(severity="alert")]), begin=(acknowledged(life, "ops", NOON),))
    assert (back.state(after(1)), back.worse) == ("new", True)


def test_whoever_mutes_until_four_means_until_four_however_often_it_clears() -> None:
    (life,) = story((0, [found()]))
    lives = story((1, []), (3, []), (40, [found()]), begin=(muted(life, "ops", NOON + HOUR),))
    assert [each.state(after(40)) for each in lives] == ["muted"]


def test_what_nobody_can_explain_clears_after_a_while() -> None:
    grace = UNSEEN_FOR / timedelta(minutes=1)
    lives = story((0, [found()]), (1, []))
    assert lives[0].cleared_at is None
    (life,) = story((1 + grace, []), begin=lives)
    assert (life.state(after(2)), life.cleared_by) == ("cleared", "not seen any more")
    assert story((1.1, [found()]), begin=lives)[0].missed_since is None


def test_what_is_known_to_have_ended_it_clears_it_at_once() -> None:
    lives = story((0, [found()]))
    (life,) = lived(lives, [], after(1), lambda _: "the job was taken")
    assert (life.cleared_at, life.cleared_by) == (after(1), "the job was taken")
    assert cleared_lately((life,), after(5)) == (life,)
    assert cleared_lately((life,), after(20)) == ()


def test_what_rests_on_logs_that_others_may_have_open_is_waited_for_longer() -> None:
    logs = found(cause="same-on-several", about="broker.message-5xx")
    grace = UNSEEN_HERE_FOR / timedelta(minutes=1)
    lives = story((0, [logs]), (1, []), (grace, []))
    assert lives[0].cleared_at is None
    assert story((1 + grace, []), begin=lives)[0].cleared_at is not None


def test_what_comes_and_goes_is_one_finding_that_says_how_often() -> None:
    looks = [(number, [found()] if number % 2 == 0 else []) for number in range(7)]
    lives: Lives = ()
    for minutes, findings in looks:
        lives = lived(lives, findings, after(minutes), lambda _: "the job was taken")
    (life,) = lives
    assert (len(life.returns), life.state(after(6)), life.first_seen) == (3, "new", NOON)


def test_flapping_keeps_who_acknowledged_it() -> None:
    (life,) = story((0, [found()]))
    lives = lived((acknowledged(life, "ops", NOON),), [], after(1), lambda _: "the job was taken")
    assert lived(lives, [found()], after(3))[0].state(after(3)) == "acknowledged"


def test_a_finding_that_goes_by_another_runner_now_is_the_same() -> None:
    (life,) = story((0, [found(ONE, TWO)]))
    (same,) = story((1, [found(TWO, ONE)]), begin=(acknowledged(life, "ops", NOON),))
    assert (same.id, same.state(after(1))) == (life.id, "acknowledged")
    assert len(story((1, [found(THREE)]), begin=(life,))) == 2


def test_findings_that_are_told_as_one_are_one_life_and_come_apart_again() -> None:
    lives = story((0, [found(ONE), found(TWO)]))
    assert len(lives) == 2
    one, two = found(ONE), found(TWO)
    together = replace(one, runners=(ONE, TWO), parts=(one, two))
    (life,) = story((1, [together]), begin=lives)
    apart = story((2, [one, two]), begin=(acknowledged(life, "ops", after(1)),))
    assert [each.state(after(2)) for each in apart] == ["acknowledged", "acknowledged"]
    assert len({each.id for each in apart}) == 2


def test_what_the_operator_has_said_can_be_taken_back() -> None:
    (life,) = story((0, [found()]))
    assert unmuted(muted(acknowledged(life, "ops", NOON), "ops", NOON + HOUR)) == life


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400)], ids=["back", "ahead"])
def test_a_clock_that_jumps_hides_nothing_and_leaves_nothing_behind(jump: timedelta) -> None:
    (life,) = story((0, [found(ONE)]))
    other = replace(story((0, [found(TWO)]))[0], missed_since=NOON)
    gone = replace(story((0, [found(THREE)]))[0], cleared_at=NOON, cleared_by="not seen any more")
    now = NOON + jump
    lives = lived((muted(life, "ops", NOON + HOUR), other, gone), [found(ONE)], now)
    assert {(each.subject, each.state(now)) for each in lives} == {("linux-1", "new"), ("linux-2", "cleared")}
    assert all(each.first_seen <= now for each in lives if each.cleared_at is None)


def test_a_mute_beyond_all_that_can_be_asked_for_is_none() -> None:
    (life,) = story((0, [found()]))
    assert not muted(life, "ops", NOON + LONGEST_MUTE + HOUR).muted(NOON)


def test_what_is_kept_has_an_end() -> None:
    many = [found(RunnerKey("org:acme", number)) for number in range(MOST + 50)]
    assert len(story((0, many))) == MOST
    assert story((0, [found()]), (1, []), (2, []), (60 * 26, [])) == ()


def test_what_is_muted_is_not_told_of_when_it_clears() -> None:
    (life,) = story((0, [found()]))
    lives = lived((muted(life, "ops", NOON + HOUR),), [], after(1), lambda _: "the job was taken")
    assert cleared_lately(lives, after(1)) == ()


def test_the_subject_is_that_of_the_last_look() -> None:
    lives = story((0, [found()]), (1, [found(subject=("linux-1 and others",))]))
    assert lives[0].subject == plain(("linux-1 and others",))


def test_of_too_many_what_was_muted_and_what_is_not_over_is_kept_before_what_has_cleared() -> None:
    (life,) = story((0, [found(ONE)]))
    begin = (muted(life, "ops", NOON + timedelta(days=1)),)
    many = [found(RunnerKey("org:acme", number)) for number in range(10, MOST + 50)]
    lives = story(
        (10, [found(ONE), *many]), (20, [found(ONE), found(TWO)]), (30, [found(ONE), found(TWO)]), begin=begin
    )
    assert len(lives) == MOST
    states = {each.subject: each.state(after(30)) for each in lives if each.cleared_at is None}
    assert states == {"linux-1": "muted", "linux-2": "new"}
