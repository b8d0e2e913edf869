"""Every source that the console looks at: how old it is, how often it is read, and what is wrong with it."""

from datetime import datetime, timedelta

from textual.reactive import var

from console.fleet.lately import ENDED_WITHIN, RUNS_THAT_ENDED
from console.fleet.models import FleetSnapshot, Freshness
from console.fleet.server import Meta
from console.operations.connection import ContextFacts
from console.operations.look import Look
from console.ui import cells, signs
from console.ui.columns import Part
from console.ui.dialogs.base import ShowingDialog
from console.ui.widgets.fact_lines import FactLine, FactLines


class SourcesDialog(ShowingDialog):
    """The context's own facts, then one line for each source, those with problems first."""

    look: var[Look | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)
    facts: var[ContextFacts | None] = var(None, init=False)

    def __init__(self, look: Look | None, facts: ContextFacts | None) -> None:
        self._lines = FactLines()
        super().__init__((Part("Sources", "strong"),), self._lines)
        self.set_reactive(SourcesDialog.look, look)
        self.set_reactive(SourcesDialog.facts, facts)
        self._draw()

    def watch_look(self) -> None:
        self._draw()

    def watch_now(self) -> None:
        self._draw()

    def watch_facts(self) -> None:
        self._draw()

    def _draw(self) -> None:
        snapshot = self.look.snapshot if self.look is not None else None
        lines = all_lines(self.facts, snapshot, self.now)
        self._lines.lines = tuple(map(_hung, lines))


def _hung(line: tuple[Part, ...]) -> FactLine:
    """What belongs to the line above stays below it, on however many lines."""
    return FactLine(line[:1], line[1:]) if line and line[0].text.startswith("  ") else FactLine((), line)


def all_lines(
    facts: ContextFacts | None, snapshot: FleetSnapshot | None, now: datetime | None
) -> list[tuple[Part, ...]]:
    """Facts, sources, what was set aside."""
    lines = [*fact_lines(facts, snapshot.server if snapshot is not None else None), ()]
    if snapshot is None or not snapshot.freshness:
        return [*lines, (Part("Nothing has been looked at yet."),)]
    page = (snapshot.status_page,) if snapshot.status_page is not None else ()
    for source in sorted((*page, *snapshot.freshness), key=lambda source: source.problem is None):
        lines += source_lines(source, now or snapshot.taken_at)
    lines += [(), (Part(_ENDED, "muted"),)]
    if snapshot.set_aside:
        lines += [(), (Part(set_aside_words(snapshot.set_aside)),)]
    return lines


_ENDED = (
    f"Of the jobs that have ended those of the last {ENDED_WITHIN // timedelta(hours=1)} h are listed: of each "
    f"repository the jobs of the {RUNS_THAT_ENDED} runs that were started last, and those that were seen to end."
)


def set_aside_words(number: int) -> str:
    """What could not be understood is counted, never dropped in silence."""
    what = "1 item" if number == 1 else f"{signs.count(number)} items"
    return f"{what} of GitHub's answers could not be understood and {'is' if number == 1 else 'are'} not shown."


def fact_lines(facts: ContextFacts | None, server: Meta | None) -> list[tuple[Part, ...]]:
    """What is looked at, with which token, through which proxy."""
    if facts is None:
        return [(Part("No context is open."),)]
    known = [
        ("API", facts.api_url),
        ("server", server_words(server)),
        ("scopes", ", ".join(facts.scopes)),
        ("token", facts.token_source or "none"),
        ("proxy", facts.proxy or "none"),
        ("scenario", facts.demo),
    ]
    return [(Part(f"{word:<9}", "muted"), Part(value)) for word, value in known if value]


def server_words(server: Meta | None) -> str:
    """Which GitHub this is; empty until it has said."""
    if server is None:
        return ""
    name = f"GitHub Enterprise Server {server.version}" if server.version else "github.com or GHE.com"
    return f"{name}, API version {server.api_version}" if server.api_version else name


def source_lines(source: Freshness, now: datetime) -> list[tuple[Part, ...]]:
    """Kind, place, age, interval; below it the problem and its hint."""
    age = source.age(now)
    old = "not read yet" if age is None else f"{signs.age(age)} ago"
    lines: list[tuple[Part, ...]] = [
        (
            Part(f"{cells.kind_word(source.kind):<14}", "muted"),
            Part(f"{old:<14}", "warning" if source.late(now) else ""),
            Part(f"{'every ' + signs.age(source.every):<15}", "muted"),
            Part(source.place, "foreign"),
        )
    ]
    if source.problem is not None:
        problem = source.problem
        since = f", for {signs.age(now - problem.since)}"
        said = Part(problem.message.rstrip("."))
        lines.append((Part(f"  {signs.sign('watch')}", "warning"), said, Part(since, "muted")))
        if problem.hint:
            lines.append((Part("   "), Part(problem.hint, "muted")))
    return lines
