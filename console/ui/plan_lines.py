"""Plans, refusals and what becomes of them, as lines of text; pure."""

from collections.abc import Sequence

from console.fleet.history import Outcome, PartOutcome
from console.fleet.models import JobKey, Name, Phrase, RunnerKey, plain
from console.fleet.plan_text import PartText, part_text
from console.fleet.plans import Part as PlanPart
from console.fleet.plans import Plan, Refusal, Target, Until
from console.operations.look import Look
from console.operations.undertaking import Ended, Event, PartBegan, PartEnded, Said, Undertaking
from console.ui import cells, signs
from console.ui.columns import Part
from console.ui.signs import Sign
from console.ui.widgets.fact_lines import FactLine

_OUTCOMES: dict[Outcome, tuple[Sign, str, str]] = {
    "proved": ("proved", "success", "Proved"),
    "not-proved": ("unproved", "warning", "Not proved"),
    "unknown": ("unproved", "warning", "Not known whether it was done"),
    "failed": ("failed", "error", "Failed"),
    "refused": ("failed", "error", "Refused"),
    "stopped": ("waiting", "", "Given up"),
}
_PARTS: dict[PartOutcome, tuple[Sign, str, str]] = {
    "done": ("proved", "muted", "done"),
    "refused": ("failed", "error", "refused"),
    "failed": ("failed", "error", "failed"),
    "unknown": ("unproved", "warning", "not known"),
    "not-sent": ("failed", "error", "not sent"),
}
_TO_COME: tuple[Sign, str, str] = ("queued", "muted", "to come")
_NEVER_BEGUN: tuple[Sign, str, str] = ("queued", "muted", "not begun")
_UNDER_WAY: tuple[Sign, str, str] = ("running", "accent", "under way")
_WAITS: tuple[Sign, str, str] = ("waiting", "accent", "waits")


def called(look: Look | None, target: Target) -> Phrase:
    """What it is called; its id where it is in no list any more."""
    snapshot = look.snapshot if look is not None else None
    if isinstance(target, RunnerKey):
        runner = snapshot.runners.get(target) if snapshot is not None else None
        return (Name(runner.name),) if runner is not None else (f"runner {target.id} of ", Name(target.scope))
    if isinstance(target, JobKey):
        job = snapshot.jobs.get(target) if snapshot is not None else None
        return (Name(target.repository), " ", Name(job.name) if job is not None else f"job {target.id}")
    run = snapshot.runs.get(target) if snapshot is not None else None
    name = Name(f"{run.workflow} #{run.number}") if run is not None else f"run {target.id}"
    return (Name(target.repository), " ", name)


def fact(word: str, said: Phrase, style: str = "", word_style: str = "muted") -> FactLine:
    """A word, and what it says."""
    return FactLine((Part(word, word_style),), cells.phrase_parts(said, style))


def head_lines(plan: Plan) -> list[FactLine]:
    """What it could hurt, who is meant, and what else there is to know."""
    return [*hurt_lines(plan), *about_lines(plan)]


def hurt_lines(plan: Plan) -> list[FactLine]:
    """The first that is read."""
    return [fact(" " if index else "could hurt", said, "strong", "strong") for index, said in enumerate(plan.hurts)]


def about_lines(plan: Plan) -> list[FactLine]:
    """Who is meant, and what else there is to know."""
    about = [fact(word, value) for word, value in plan.about]
    return [*about, *(fact(" " if index else "note", said) for index, said in enumerate(plan.notes))]


def part_lines(index: int, part: PlanPart, text: PartText) -> list[FactLine]:
    """Why, and the first line of what is sent; what a script or a request holds stands below them."""
    lines = [FactLine((Part(f"{index + 1}.", "strong"),), cells.phrase_parts(part.why, "strong"))]
    if isinstance(part, Until):
        return [*lines, FactLine((Part(" "),), (Part(f"waited for, {signs.age(part.within)} at most", "muted"),))]
    many = text.body.count("\n") + 1
    below = (Part(f"  and {many} lines; tab leads into them", "muted"),) if many > 1 else ()
    return [*lines, FactLine((Part(" "),), (Part(drawable(text.head)), *below))]


def body_of(part: PlanPart) -> tuple[PartText, str]:
    """What is sent, and what a box shows of it: each secret as `***`. Raises the error of what cannot be sent."""
    text = part_text(part)
    secrets = (f"*** ({kind.replace('-', ' ')}, on its standard input)" for kind in text.secrets)
    return text, drawable("\n".join((*((text.body.rstrip("\n"),) if text.body else ()), *secrets)))


def drawable(text: str) -> str:
    """What goes back as it came is not sanitised: here whatever does not print is shown as its number."""
    return "".join(each if each.isprintable() or each == "\n" else f"<{ord(each):04X}>" for each in text)


def refusal_lines(refusal: Refusal) -> list[FactLine]:
    """The reason and what helps."""
    why = FactLine((Part(signs.sign("failed"), "error"),), cells.phrase_parts(refusal.reason, "strong"))
    return [why, *_help_lines(refusal.helps)]


def _help_lines(helps: Phrase) -> list[FactLine]:
    """Lines to paste begin where they can be marked without anything before them."""
    return (
        [FactLine((), ()), FactLine((), (Part("What helps", "muted"),)), FactLine((), cells.phrase_parts(helps))]
        if helps
        else []
    )


def progress_lines(undertaking: Undertaking) -> list[FactLine]:
    """One line for each part, with what there is to say of it below."""
    lines: list[FactLine] = []
    for index, part in enumerate(undertaking.plan.parts):
        (name, style, word), words = _standing(undertaking, index, part)
        if (undertaking.ended is not None and words == undertaking.ended.words) or _same(words, word):
            words = ()
        sign = FactLine((Part(signs.sign(name), style),), (*cells.phrase_parts(part.why), Part(f"  {word}", style)))
        lines.append(sign)
        if words:
            lines.append(FactLine((Part(" "),), cells.phrase_parts(words, "muted")))
    return lines


def end_lines(ended: Ended) -> list[FactLine]:
    """How it ended, what was seen, what helps."""
    name, style, word = _OUTCOMES[ended.outcome]
    said = (Part(f"{word}.", style or "strong"), Part("  "), *cells.phrase_parts(ended.words))
    lines = [FactLine((Part(signs.sign(name), style),), said)]
    return [*lines, *_help_lines(ended.helps)]


def outcome_word(ended: Ended) -> str:
    """For where there is one line."""
    return _OUTCOMES[ended.outcome][2]


def outcome_part(ended: Ended) -> Part:
    """Its sign."""
    name, style, _ = _OUTCOMES[ended.outcome]
    return Part(signs.sign(name), style)


def only_waits(undertaking: Undertaking) -> bool:
    """Nothing is being changed now and nothing has been: it can be given up as if it had not begun."""
    return all(isinstance(part, Until) for part in _begun(undertaking))


def waits_for_proof(undertaking: Undertaking) -> bool:
    """What was to be changed has been."""
    return not only_waits(undertaking) and isinstance(_begun(undertaking)[-1], Until)


def _begun(undertaking: Undertaking) -> list[PlanPart]:
    return [undertaking.plan.parts[event.index] for event in undertaking.events if isinstance(event, PartBegan)]


def last_words(undertaking: Undertaking) -> Phrase:
    """What was said last of what is under way, else what that is."""
    for event in reversed(undertaking.events):
        if isinstance(event, Said):
            return event.words
        if isinstance(event, PartBegan):
            return undertaking.plan.parts[event.index].why
    return ("It is being begun.",)


def _same(words: Phrase, word: str) -> bool:
    return plain(words).rstrip(".").casefold() == word


def _standing(undertaking: Undertaking, index: int, part: PlanPart) -> tuple[tuple[Sign, str, str], Phrase]:
    told: Sequence[Event] = [each for each in undertaking.events if not isinstance(each, Ended) and each.index == index]
    if not told:
        return (_TO_COME if undertaking.ended is None else _NEVER_BEGUN), ()
    last = told[-1]
    if isinstance(last, PartEnded):
        return _PARTS[last.outcome], last.words
    if undertaking.ended is not None:
        return _PARTS["unknown"], ()
    words = last.words if isinstance(last, Said) else ()
    return (_WAITS if isinstance(part, Until) else _UNDER_WAY), words
