"""What a scan found, as lines for people and as JSON for programs."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from console.cli.output import wrapped
from console.errors import ConsoleError, printable
from console.fleet.log_lines import Shown, Where
from console.fleet.scanner import LINE_KEPT
from console.fleet.verdicts import Match, Verdict
from console.fleet.words import count, several

SIGNS: dict[Shown, str] = {"error": "!!", "warning": "! ", "info": ". "}
_OTHERWISE = "; --source says otherwise"
_READ_AS: dict[Where, str] = {
    "job-log": f"read as a job's log{_OTHERWISE}",
    "runner-diag": f"read as a runner's log from its _diag directory{_OTHERWISE}",
    "worker-diag": f"read as a worker's log from a _diag directory{_OTHERWISE}",
    "service-log": f"read as the journal of a runner's service{_OTHERWISE}",
    "kernel-log": f"read as the log of a kernel{_OTHERWISE}",
    "arc-log": f"read as a log of ARC's controller or listener{_OTHERWISE}",
    "unknown": "what kind of log it is cannot be told from its lines; --source says it",
}
INDENT = "   "
LABEL = 10
Clean = Callable[[bytes], str]


class Report(NamedTuple):
    """Of one log."""

    file: str
    lines: int
    verdicts: list[Verdict]
    counts: dict[str, int]
    where: Where
    told: bool
    """What kind of log it is was said, and not told by its name or its lines."""
    cut: bool = False
    """A line was too long to be looked at as a whole."""
    broken_off: ConsoleError | None = None
    """Why it could not be read to its end."""
    interrupted: bool = False
    """Somebody wanted no more of it."""

    @property
    def serious(self) -> bool:
        return any(verdict.serious for verdict in self.verdicts)

    @property
    def more(self) -> dict[str, int]:
        """Matches that were counted and not kept, by signature."""
        kept = Counter(verdict.match.signature.id for verdict in self.verdicts)
        return {name: times - kept[name] for name, times in self.counts.items() if times > kept[name]}


def as_json(report: Report, clean: Clean) -> Iterator[str]:
    """An object for each match; then one for each signature of which not all were kept."""
    for verdict in report.verdicts:
        yield json.dumps(_as_dict(report.file, verdict, clean), ensure_ascii=True)
    for name, times in report.more.items():
        yield json.dumps({"file": report.file, "signature": name, "more": times}, ensure_ascii=True)


def _as_dict(file: str, verdict: Verdict, clean: Clean) -> dict[str, Any]:
    match, signature = verdict.match, verdict.match.signature
    return {
        "file": file,
        "line": match.line,
        "column": match.start,
        "signature": signature.id,
        "title": signature.title,
        "severity": verdict.severity,
        "harmless": verdict.harmless,
        "cleared": verdict.cleared,
        "followed": verdict.followed,
        "class": signature.failure_class,
        "text": _shown(match, clean),
    }


def as_text(report: Report, clean: Clean, width: int | None) -> Iterator[str]:
    """How much was found; then every line, with its explanation where a signature comes first."""
    yield from wrapped(_summary(report), width)
    if report.lines and not report.told:
        yield from wrapped(_READ_AS[report.where], width)
    if report.cut:
        yield from wrapped(f"lines longer than {LINE_KEPT // 1024} KB were looked at no further than that", width)
    explained: set[str] = set()
    for verdict in report.verdicts:
        match, signature = verdict.match, verdict.match.signature
        head = f"{SIGNS[verdict.severity]} {verdict.severity}  line {count(match.line + 1)}: {signature.title}"
        yield ""
        yield from wrapped(head + _became(verdict), width)
        yield from wrapped(INDENT + _shown(match, clean), width)
        if signature.id not in explained:
            explained.add(signature.id)
            for label, words in _explanation(verdict, report):
                yield from wrapped(f"{INDENT}{label:{LABEL}}{words}", width, len(INDENT) + LABEL)


def _shown(match: Match, clean: Clean) -> str:
    """The line; what of a long one is left out is counted, in bytes."""
    before = f"(+{match.before})… " if match.before else ""
    after = f" …(+{match.after})" if match.after else ""
    return f"{before}{clean(match.text)}{after}"


def _summary(report: Report) -> str:
    severities = Counter(verdict.severity for verdict in report.verdicts)
    name = "standard input" if report.file == "-" else printable(report.file)
    as_far = " as far as it could be read" if report.broken_off else ", then interrupted" if report.interrupted else ""
    read = f"{name}: {several(report.lines, 'line')}{as_far}"
    if not report.lines:
        return f"{name}: no lines. That does not say that all went well."
    if not report.verdicts:
        return f"{read}, none of them known. That alone does not say that all went well."
    found = ", ".join(f"{count(severities[each])} {each}" for each in SIGNS if severities[each])
    unlisted = f", {count(sum(report.more.values()))} not listed" if report.more else ""
    return f"{read}, {count(sum(report.counts.values()))} known: {found}{unlisted}"


def _became(verdict: Verdict) -> str:
    if verdict.cleared:
        return " (over: a later line ended it)"
    return " (what must follow did not)" if verdict.followed is False else ""


def _explanation(verdict: Verdict, report: Report) -> Iterator[tuple[str, str]]:
    signature = verdict.match.signature
    yield "means", verdict.meaning
    yield "harmless", _harmless(verdict)
    yield "helps", verdict.remedy
    times, more = report.counts[signature.id], report.more.get(signature.id, 0)
    kept = f"; only the first and the newest are listed, {count(more)} are not" if more else ""
    yield "found", f"{several(times, 'time')}{kept} ({signature.id})"


def _harmless(verdict: Verdict) -> str:
    signature = verdict.match.signature
    if verdict.worse:
        return "No: the log also holds what makes it serious."
    if verdict.followed is False and signature.followup is not None:
        return f"No: what must follow within {several(signature.followup.within_seconds, 'second')} did not."
    words = {"never": "No.", "always": "Yes, always.", "usually": "Usually.", "sometimes": "Sometimes."}
    return " ".join(filter(None, (words[verdict.harmless], signature.harmless_when)))
