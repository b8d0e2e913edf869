"""Runners, jobs, steps and findings in words and signs; and foreign text that stays text."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.widgets import Static

from console.fleet.failure import Cause, Failure
from console.fleet.findings import Finding, MatchRow, MatchTable, Reason, Severity
from console.fleet.models import Job, JobKey, Name, Runner, RunnerKey, Step
from console.fleet.sightings import Sighting
from console.ui import cells, signs
from console.ui.columns import STYLES, Cell, Part, Row, lay_out
from console.ui.filter import Filter, parse
from console.ui.runbook_row import RUNBOOK_COLUMNS

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
MIN = timedelta(minutes=1)
RUNNER = Runner(
    scope="org:acme", id=7, name="prod-linux-03", os="Linux", status="online", busy=False, labels=("self-hosted", "GPU")
)
JOB = Job(
    repository="acme/web", id=1, run_id=2, attempt=1, name="build", workflow="CI", branch="main",
    labels=("self-hosted", "gpu"), status="queued", conclusion=None, created_at=NOON - 5 * MIN,
)  # fmt: skip


def runner(status: str = "online", *, busy: bool = False) -> Runner:
    return Runner(
        scope="org:acme",
        id=7,
        name="prod-linux-03",
        os="Linux",
        status=status,
        busy=busy,
        labels=("self-hosted", "GPU"),
    )


def job(status: str, conclusion: str | None = None, **more: object) -> Job:
    values = {name: getattr(JOB, name) for name in JOB.__struct_fields__}
    return Job(**{**values, "status": status, "conclusion": conclusion, **more})


def texts(row: Row) -> list[str]:
    return ["".join(part.text for part in value.parts) for value in row.cells()]


def styles(value: Cell) -> list[str]:
    return [part.style for part in value.parts]


def shows(row: Row, filter_text: str) -> bool:
    filter_ = parse(filter_text)
    assert isinstance(filter_, Filter)
    return filter_.matches(row.fields())


# Runners.


@pytest.mark.parametrize(
    ("row", "sign", "word", "style"),
    [
        (cells.runner_row(runner()), "○", "idle", ""),
        (cells.runner_row(runner(busy=True)), "●", "busy", ""),
        (cells.runner_row(runner("offline")), "×", "offline", "muted"),
        (cells.runner_row(runner("offline", busy=True)), "×", "offline busy", "warning"),
        (cells.runner_row(runner("offline"), drained=True), "◌", "drained", ""),
        (cells.runner_row(runner(), drained=True), "○", "idle", ""),
        (cells.runner_row(runner("offline", busy=True), drained=True), "×", "offline busy", "warning"),
        (cells.runner_row(runner(), wedged=True, waiting=3), "◆", "idle while queued", "error"),
        (cells.runner_row(runner(), missing=True), "?", "missing", "warning"),
        (cells.runner_row(runner("hibernating")), "?", "hibernating", "foreign"),
        (cells.runner_row(runner("")), "?", "?", "foreign"),
    ],
)
def test_the_state_of_a_runner_is_a_sign_and_a_word(row: Row, sign: str, word: str, style: str) -> None:
    name, state, *_ = row.cells()
    assert name.parts == (Part(sign, style), Part(" "), Part("prod-linux-03", "foreign"))
    assert state.parts == (Part(word, style),)


def test_what_is_not_known_of_a_runner_is_a_question_mark() -> None:
    assert texts(cells.runner_row(runner(busy=True)))[2:] == [
        "?",
        "?",
        "GPU self-hosted",
        "",
        "?",
        "?",
        "Linux",
        "org:acme",
    ]


def test_a_busy_runner_shows_its_job_and_since_when() -> None:
    running = job("in_progress", started_at=NOON - MIN)
    row = cells.runner_row(runner(busy=True), job=running, group="Default")
    assert texts(row)[2] == "acme/web build"
    assert row.cells()[3].since == NOON - MIN
    assert texts(row)[6] == "Default"


def test_a_wedged_runner_says_how_many_jobs_it_leaves_lying() -> None:
    assert texts(cells.runner_row(runner(), wedged=True, waiting=1))[2] == "1 job waits"
    row = cells.runner_row(runner(), wedged=True, waiting=3, idle_since=NOON - 14 * MIN)
    assert row.cells()[2].parts == (Part("3 jobs wait", "error"),)
    assert row.cells()[3].since == NOON - 14 * MIN


def test_a_runner_that_was_idle_before_the_watch_began_is_idle_for_at_least_that_long() -> None:
    row = cells.runner_row(runner(), idle_since=NOON, idle_longer=True)
    assert texts(row)[3] == "≥"


def test_runners_sort_by_how_bad_their_state_is() -> None:
    rows = [
        cells.runner_row(runner()),
        cells.runner_row(runner(busy=True)),
        cells.runner_row(runner("offline")),
        cells.runner_row(runner("strange")),
        cells.runner_row(runner(), missing=True),
        cells.runner_row(runner(), wedged=True),
    ]
    words = [texts(row)[1] for row in sorted(rows, key=lambda row: row.sort_key(1))]
    assert words == ["idle while queued", "missing", "offline", "strange", "busy", "idle"]


@pytest.mark.parametrize(
    ("text", "shown"), [("status:draining", True), ("status:drained", True), ("status:idle", False)]
)
def test_runners_that_were_stopped_on_purpose_are_found_as_draining(text: str, shown: bool) -> None:
    row = cells.runner_row(runner("offline"), drained=True)
    assert shows(row, text) is shown
    assert not shows(cells.runner_row(runner("offline")), "status:draining")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("label:gpu", True),
        ("status:idle", True),
        ("status:wedged", True),
        ("status:offline", False),
        ("group:default", True),
        ("os:linux host:prod-linux", True),
        ("version:2.331", True),
        ("repo:acme/web", False),
        ("org:acme", None),
        ("acme", True),
    ],
)
def test_runners_are_found_by_their_fields(text: str, shown: bool | None) -> None:
    known = Runner(
        scope="org:acme", id=7, name="prod-linux-03", os="Linux", status="online", busy=False,
        labels=("self-hosted", "GPU"), version="2.331.0",
    )  # fmt: skip
    row = cells.runner_row(known, wedged=True, group="Default")
    if shown is None:
        assert not isinstance(parse(text), Filter)
    else:
        assert shows(row, text) is shown


# Jobs.


@pytest.mark.parametrize(
    ("status", "conclusion", "sign", "word", "style"),
    [
        ("queued", None, "…", "queued", ""),
        ("waiting", None, "‖", "waiting", ""),
        ("pending", None, "‖", "pending", ""),
        ("in_progress", None, "▶", "in_progress", ""),
        ("completed", "success", "✓", "success", "muted"),
        ("completed", "failure", "✗", "failure", "error"),
        ("completed", "timed_out", "✗", "timed_out", "error"),
        ("completed", "cancelled", "×", "cancelled", "muted"),
        ("completed", None, "?", "?", "foreign"),
        ("completed", "exploded", "?", "exploded", "foreign"),
        ("dreaming", None, "?", "dreaming", "foreign"),
    ],
)
def test_the_state_of_a_job_is_github_s_word_and_our_sign(
    status: str, conclusion: str | None, sign: str, word: str, style: str
) -> None:
    name, state, *_ = cells.job_row(job(status, conclusion)).cells()
    assert name.parts[0] == Part(sign, style)
    assert "".join(part.text for part in name.parts[2:]) == "acme/web build"
    assert state.parts == (Part(word, style),)


def test_a_job_that_an_idle_runner_could_take_stands_out_by_sign_and_colour() -> None:
    row = cells.job_row(JOB, severity="alert", wedged=True)
    assert row.cells()[0].parts[0] == Part("◆", "error")
    assert row.cells()[1].parts == (Part("queued", "error"),)
    assert cells.job_row(JOB, severity="watch").cells()[1].parts == (Part("queued", "warning"),)


def test_the_age_of_a_job_is_that_of_its_state() -> None:
    started, ended = NOON - 2 * MIN, NOON - MIN
    assert cells.job_row(JOB).cells()[4].since == JOB.created_at
    assert cells.job_row(job("in_progress", started_at=started)).cells()[4].since == started
    assert cells.job_row(job("completed", "success", completed_at=ended)).cells()[4].since == ended
    assert texts(cells.job_row(job("in_progress")))[4] == "?"


def test_takers_are_counted_for_queued_jobs_only_and_unknown_is_not_none() -> None:
    assert texts(cells.job_row(JOB))[6] == "?"
    assert cells.job_row(JOB, takers=0).cells()[6].parts == (Part("0", "warning"),)
    assert texts(cells.job_row(JOB, takers=1200))[6] == "1 200"
    assert texts(cells.job_row(job("in_progress")))[6] == ""


def test_the_reason_of_a_job_keeps_foreign_words_apart() -> None:
    reason = Reason("no-runner-has-labels", ("no runner has ", Name("gpu")))
    assert cells.job_row(JOB, reason=reason).cells()[2].parts == (Part("no runner has "), Part("gpu", "foreign"))


def test_a_running_job_whose_runner_is_not_said_has_a_question_mark() -> None:
    assert texts(cells.job_row(job("in_progress")))[7] == "?"
    assert texts(cells.job_row(job("in_progress", runner_id=1, runner_name="r1")))[7] == "r1"
    assert texts(cells.job_row(JOB))[7] == ""


def test_jobs_are_found_by_their_fields() -> None:
    row = cells.job_row(JOB, reason=Reason("x", ("no runner has ", Name("gpu"))))
    for text in ("label:gpu", "status:queued", "repo:web", "branch:main", "build", '"has gpu"', "!status:completed"):
        assert shows(row, text), text


@pytest.mark.parametrize("column", range(len(cells.JOB_COLUMNS)))
def test_jobs_can_be_sorted_by_every_column_whatever_is_missing(column: int) -> None:
    rows = [
        cells.job_row(JOB),
        cells.job_row(JOB, takers=3),
        cells.job_row(job("in_progress", runner_name="r", started_at=NOON)),
        cells.job_row(job("completed", "odd")),
    ]
    assert len(sorted(rows, key=lambda row: row.sort_key(column))) == 4
    assert len(rows[0].cells()) == len(cells.JOB_COLUMNS)


@pytest.mark.parametrize("column", range(len(cells.RUNNER_COLUMNS)))
def test_runners_can_be_sorted_by_every_column_whatever_is_missing(column: int) -> None:
    rows = [
        cells.runner_row(runner()),
        cells.runner_row(runner(busy=True), job=job("in_progress", started_at=NOON), group="g"),
        cells.runner_row(runner("odd"), idle_since=NOON),
    ]
    assert len(sorted(rows, key=lambda row: row.sort_key(column))) == 3
    assert len(rows[0].cells()) == len(cells.RUNNER_COLUMNS)


def test_a_step_shows_how_long_it_took_or_since_when_it_runs() -> None:
    done = Step(1, "Set up job", "completed", "success", NOON - 3 * MIN, NOON - MIN)
    running = Step(2, "Run [/x]", "in_progress", None, NOON - MIN)
    assert texts(cells.step_row(done)) == ["1", "✓ Set up job", "success", "2 min"]
    assert texts(cells.step_row(running)) == ["2", "▶ Run [/x]", "in_progress", ""]
    assert cells.step_row(running).cells()[3].since == NOON - MIN
    assert texts(cells.step_row(Step(3, "Post", "queued")))[3] == ""


# Findings and explanations.


def finding(severity: Severity = "alert") -> Finding:
    return Finding(
        cause="idle-while-queued", severity=severity, certainty="likely", subject=(Name("prod-linux-03"),),
        summary=("idle 14 min, 3 matching jobs wait",), since=NOON - 14 * MIN, jobs=(JobKey("acme/web", 1),),
    )  # fmt: skip


def test_a_finding_is_severity_subject_summary_cause_and_age() -> None:
    row = cells.finding_row(finding(), "session stuck")
    assert texts(row) == ["‼ prod-linux-03", "idle 14 min, 3 matching jobs wait", "session stuck", ""]
    assert styles(row.cells()[0]) == ["error", "", "foreign"]
    assert row.cells()[3].since == NOON - 14 * MIN
    assert shows(row, "status:alert repo:acme/web stuck")


def test_findings_sort_worst_first() -> None:
    severities: tuple[Severity, ...] = ("info", "watch", "alert")
    rows = sorted((cells.finding_row(finding(each), "t") for each in severities), key=lambda row: row.sort_key(0))
    assert [row.finding.severity for row in rows] == ["alert", "watch", "info"]
    for column in range(len(cells.FINDING_COLUMNS)):
        sorted(rows, key=lambda row, column=column: row.sort_key(column))  # type: ignore[misc]  # bound at once


@pytest.fixture
def _ascii() -> Iterator[None]:
    signs.choose("ascii")
    yield
    signs.choose("utf-8")


@pytest.mark.usefixtures("_ascii")
def test_severities_are_equally_wide_in_ascii() -> None:
    severities: tuple[Severity, ...] = ("alert", "watch", "info")
    assert [cells.severity_part(each).text for each in severities] == ["!!", "! ", ". "]


def test_the_match_table_has_a_sign_for_each_check() -> None:
    row = MatchRow(RunnerKey("org:acme", 7), "prod-linux-03", (True, False, None), ("lacks ", Name("gpu")))
    table = MatchTable(("online", "labels", "group"), (row,))
    assert [column.title for column in cells.match_columns(table)] == ["Runner", "online", "labels", "group", "Missing"]
    assert texts(cells.match_row(row)) == ["prod-linux-03", "✓", "✗", "?", "lacks gpu"]


# Foreign text.

HOSTILE = ("[/x]", "[@click=app.quit]go[/]", "[link=http://x]y[/link]", "[bold", "\\[red]", "$error", "{0}", "%s")


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield Static(id="said")


async def test_a_phrase_is_shown_as_it_is_and_its_names_stand_apart() -> None:
    host = Host()
    async with host.run_test(size=(100, 10)) as pilot:
        for name in HOSTILE:
            host.query_one("#said", Static).update(cells.phrase(("Runner ", Name(name), " waits.")))
            await pilot.pause()
            strip = host.query_one("#said", Static).render_line(0)
            assert strip.text.rstrip() == f"Runner {name} waits."
            for segment in strip:
                assert segment.style is None or not (segment.style.link or "@click" in segment.style.meta)
            own, foreign = (next(seg.style for seg in strip if text in seg.text) for text in ("Runner", name))
            assert own is not None
            assert foreign is not None
            assert own.color != foreign.color


@given(st.text(max_size=40), st.sampled_from(["", *STYLES]))
def test_text_reaches_a_widget_letter_by_letter(name: str, style: str) -> None:
    printable = "".join(letter for letter in name if letter.isprintable())
    shown = cells.content((Part("Runner "), Part(printable, style), Part(".")))
    assert shown.plain == f"Runner {printable}."
    assert all(span.end <= len(shown.plain) for span in shown.spans)


def test_every_style_of_a_cell_is_one_that_the_table_knows() -> None:
    rows: Sequence[Row] = (
        cells.runner_row(runner(), wedged=True, waiting=1),
        cells.runner_row(runner("odd"), missing=True),
        cells.job_row(job("completed", "failure")),
        cells.job_row(JOB, severity="watch"),
        cells.finding_row(finding(), "t"),
    )
    used = {part.style for row in rows for value in row.cells() for part in value.parts}
    assert used <= {"", *STYLES}


def test_what_was_seen_last_in_the_logs_of_a_runner_stands_beside_it() -> None:
    seen = Sighting(
        runner().key, "prod-linux-03", "", "disk.full", "No space left on the disk", "Free some.", "error", NOON
    )
    assert cells.runner_row(runner(), sighting=seen).cells()[5].parts == (Part("No space left on the disk", "error"),)
    job = cells.runner_row(runner(), sighting=seen).cells()[2]
    assert [part.text for part in job.parts] == ["log: ", "No space left on the disk"]
    assert job.beside == (5, ()), "on a screen with room for that column it is not said twice"


def test_labels_that_tell_runners_apart_come_before_those_that_all_have() -> None:
    row = cells.runner_row(msgspec.structs.replace(runner(), labels=("self-hosted", "Linux", "X64", "release-signing")))
    assert texts(row)[4] == "release-signing self-hosted Linux X64"


def test_a_runner_of_a_repository_has_no_group_and_that_is_known() -> None:
    row = cells.runner_row(msgspec.structs.replace(runner(), scope="repo:acme-labs/gpu-tests"))
    assert texts(row)[6] == "-"


def test_a_failed_job_shows_its_class_and_what_it_is_and_one_whose_log_is_unread_a_question_mark() -> None:
    missed = Cause("cache", "proved", "cache.fail-on-miss", "The key is missing", "Save it.", "Failed to restore", 74)
    failed = job("completed", "failure")
    row = cells.job_row(failed, failure=Failure(1, (missed,)))
    assert texts(row)[2:4] == ["cache: The key is missing", "cache"]
    assert row.fields()["class"] == "cache"
    assert texts(cells.job_row(failed))[2:4] == ["", "?"]
    assert cells.job_row(failed).fields()["class"] == "unknown"
    assert texts(cells.job_row(job("completed", "success")))[3] == ""


def test_at_120_columns_names_give_way_before_a_cause_or_the_title_of_a_runbook_is_cut() -> None:
    widths = [
        shown.width for shown in lay_out(cells.FINDING_COLUMNS, 118, (70, 40, len("group-restricts-workflow"), 8))
    ]
    assert widths[1:3] == [40, len("group-restricts-workflow")]
    widths = [shown.width for shown in lay_out(RUNBOOK_COLUMNS, 118, (51, 57, 6, 40, 8))]
    assert widths[:2] == [51, len("prod-linux-03: idle at least 19 min, 3 matching jobs wait")]
