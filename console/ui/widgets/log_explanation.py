"""What the console knows of the line under the cursor of a log, or of the log as a whole; pure."""

from collections.abc import Iterator, Sequence

from console.fleet.signatures import Catalogue, Signature
from console.fleet.verdicts import Verdict
from console.operations.feed_state import FeedState
from console.operations.follow_log import Reading
from console.operations.logs import OWN, Note
from console.ui import signs
from console.ui.columns import Part
from console.ui.widgets.fact_lines import FactLine

_WORDS = {"error": "error", "warning": "warning", "info": "notice"}
_STYLES = {"error": "error", "warning": "warning", "info": "muted"}
_HARMLESS = {
    "never": "no",
    "sometimes": "sometimes",
    "usually": "as a rule",
    "always": "yes",
}
MOST_LISTED = 8
MOST_OF_A_NOTE = 300
"""Characters of a note that are shown: what else is known of the log stands below it."""


def of_connection(state: FeedState | None) -> list[FactLine]:
    """Of a log whose host is lost: why, whole, and what helps. A title has no room for that."""
    if state is None or state.word != "disconnected":
        return []
    lines = [FactLine((Part("lost", "muted"),), (Part(state.reason, "warning"),))]
    for at, line in enumerate(state.hint.splitlines()):
        lines.append(FactLine((Part("" if at else "helps", "muted"),), (Part(line),)))
    if state.given_up:
        lines.append(FactLine((Part("then", "muted"),), (Part("L, D or O, whichever opened it, opens it anew."),)))
    return lines


def of_nothing_yet(state: FeedState | None) -> list[FactLine]:
    """Of a log from a host that has no line so far: why not, where that is known."""
    notes = [FactLine((Part("so far", "muted"),), (Part(note),)) for note in state.notes] if state is not None else []
    lines = [*of_connection(state), *notes]
    return [*lines, FactLine((), (Part("There are no lines yet.", "muted"),))] if lines else []


def of_line(verdict: Verdict, reading: Reading) -> list[FactLine]:
    """What that line is, and what helps."""
    signature = verdict.match.signature
    word = _WORDS[verdict.severity]
    state = " (over: a later line says so)" if verdict.cleared else ""
    lines = [
        FactLine((), (Part(signature.title, "strong"), Part(f"  {word}{state}", _STYLES[verdict.severity]))),
        FactLine((Part("means", "muted"),), (Part(verdict.meaning),)),
        FactLine((Part("harmless", "muted"),), (Part(_harmless(verdict, signature)),)),
    ]
    if verdict.followed is False and signature.followup is not None:
        lines.append(FactLine((Part("missing", "muted"),), (Part(_missing(signature.followup.within_seconds)),)))
    lines += [
        FactLine((Part("helps", "muted"),), (Part(verdict.remedy),)),
        FactLine((Part("seen", "muted"),), (Part(_seen(verdict, reading)), Part(f"  {signature.id}", "muted"))),
    ]
    return lines


def of_log(reading: Reading, catalogue: Catalogue, notes: Sequence[Note]) -> list[FactLine]:
    """What only stands beside the log; what is known of its lines, the worst first; what else GitHub says of it."""
    alone = [note for note in notes if note.level == OWN or (note.mark and note.mark.signature not in reading.counts)]
    lines = [line for note in alone for line in _of_note(note, catalogue)]
    others = [_said_by_github(note) for note in notes if note not in alone]
    if not reading.marks:
        return [*lines, *others, FactLine((), (Part(_nothing_known(reading), "muted"),))]
    return [*lines, *_of_lines(reading, catalogue), *others]


def _of_lines(reading: Reading, catalogue: Catalogue) -> list[FactLine]:
    lines: list[FactLine] = []
    first: dict[str, Verdict] = {}
    for verdict in reading.verdicts:
        first.setdefault(verdict.match.signature.id, verdict)
    order = list(_STYLES)
    ranked = sorted(first.values(), key=lambda each: (order.index(each.severity), each.match.line))
    for verdict in ranked[:MOST_LISTED]:
        signature = catalogue.by_id.get(verdict.match.signature.id, verdict.match.signature)
        times = reading.counts.get(signature.id, 1)
        word = (Part(f"line {signs.count(verdict.match.line + 1)}", "muted"),)
        title = Part(signature.title, _STYLES[verdict.severity])
        often = Part(f" {signs.count(times)} times" if times > 1 else "", "muted")
        said = (title, often, Part(_in_short(verdict), "muted"))
        lines.append(FactLine(word, said))
    if len(ranked) > MOST_LISTED:
        lines.append(FactLine((), (Part(f"and {signs.count(len(ranked) - MOST_LISTED)} other signatures", "muted"),)))
    return lines


def _nothing_known(reading: Reading) -> str:
    if not reading.caught_up:
        return "Nothing known so far; the rest is being read."
    if not reading.extent.lines:
        return "There are no lines to look at." if reading.complete else "There are no lines yet."
    return "No line of it is known to mean trouble." if reading.complete else "No line so far is known to mean trouble."


def _of_note(note: Note, catalogue: Catalogue) -> list[FactLine]:
    """Its words, and where a signature knows them, what they mean and what helps."""
    if note.level == OWN:
        return [FactLine((Part("unknown", "muted"),), (Part(note.text, "warning"),))]
    said = _said_by_github(note)
    signature = catalogue.by_id.get(note.mark.signature) if note.mark is not None else None
    if note.mark is None or signature is None:
        return [said]
    severity = note.mark.severity
    return [
        said,
        FactLine((), (Part(signature.title, "strong"), Part(f"  {_WORDS[severity]}", _STYLES[severity]))),
        FactLine((Part("means", "muted"),), (Part(signature.meaning),)),
        *_harmless_note(signature),
        FactLine((Part("helps", "muted"),), (Part(signature.remedy),)),
    ]


def _said_by_github(note: Note) -> FactLine:
    return FactLine((Part("GitHub says", "muted"),), tuple(_capped(note.text)))


def _capped(text: str) -> Iterator[Part]:
    """What is left out is counted, in characters."""
    yield Part(text[:MOST_OF_A_NOTE], "foreign")
    if len(text) > MOST_OF_A_NOTE:
        yield Part(f"…+{signs.count(len(text) - MOST_OF_A_NOTE)}", "muted")


def _harmless_note(signature: Signature) -> list[FactLine]:
    """A note stands alone, so what the signature says holds; what never is harmless needs no line."""
    if signature.harmless == "never":
        return []
    when = f": {signature.harmless_when}" if signature.harmless_when else ""
    return [FactLine((Part("harmless", "muted"),), (Part(_HARMLESS[signature.harmless] + when),))]


def _in_short(verdict: Verdict) -> str:
    """What takes the fright out of a title in the list."""
    if verdict.cleared:
        return "  over"
    if verdict.worse or verdict.followed is False:
        return ""
    when = verdict.match.signature.harmless_when
    if verdict.harmless == "sometimes":
        return f"  harmless sometimes: {when}" if when else "  harmless sometimes"
    return {"usually": "  harmless as a rule", "always": "  harmless"}.get(verdict.harmless, "")


def _harmless(verdict: Verdict, signature: Signature) -> str:
    word = _HARMLESS[verdict.harmless]
    when = signature.harmless_when or ""
    if verdict.worse:
        return "not here: the log also holds what makes it serious"
    return f"{word}: {when}" if when and verdict.harmless != "never" else word


def _missing(seconds: int) -> str:
    return f"what should have followed within {seconds} s did not"


def _seen(verdict: Verdict, reading: Reading) -> str:
    times = reading.counts.get(verdict.match.signature.id, 1)
    return "once in this log" if times == 1 else f"{signs.count(times)} times in this log"
