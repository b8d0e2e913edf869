"""Finds the known lines of a log in bytes as they come, cut anywhere, and says in the end what each of them is."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from console.fleet.finder import finder
from console.fleet.hearsay import is_hearsay
from console.fleet.log_kind import ENOUGH, kind_by_lines
from console.fleet.log_lines import Where
from console.fleet.patterns import compiled
from console.fleet.signatures import Catalogue
from console.fleet.tally import KEPT_OF_ONE, Tally
from console.fleet.verdicts import Match, Verdict

BLOCK = 256 * 1024
"""Bytes looked at in one go."""
LINE_KEPT = 64 * 1024
"""Bytes of a line that are looked at."""
REACH = 4 * 1024
"""Bytes before and after its literal on which a pattern is tried: what it costs does not grow with the line."""
TEXT_KEPT = 1_000
LEAD = 200
"""Bytes before a match that are kept, where it is far into a long line."""

_NEW_LINE = b"\n"
_RETURN = 13
_BOM = b"\xef\xbb\xbf"
_ESCAPE = b"\x1b"
_CODE_AFTER_ESCAPE = re.compile(
    rb"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    rb"|\][^\x07\n]*\x07?"  # OSC: links, titles; ESC \ may end it, and is a code of its own
    rb"|[@-Z\\^_]"
)


class _Candidate(NamedTuple):
    """A line that is likely to match: its place in the text, and where the first literal of each such rule stands."""

    begin: int
    end: int
    rules: dict[int, int]


def without_codes(text: bytes) -> bytes:
    """Without the codes for colours and such. None of them holds the end of a line, so the lines remain the same."""
    if _ESCAPE not in text:
        return text
    first, *parts = text.split(_ESCAPE)
    bare = [first]
    for part in parts:
        code = _CODE_AFTER_ESCAPE.match(part)
        bare.append(_ESCAPE + part if code is None else part[code.end() :])
    return b"".join(bare)


def _lines_on(text: bytes, begin: int, lines: int, at_least: int) -> int:
    """Where the line begins that is so many lines after the one that begins there, and not before `at_least`."""
    near = text.rfind(_NEW_LINE, begin, max(begin, at_least)) + 1 or begin
    for _ in range(lines - text.count(_NEW_LINE, begin, near)):
        near = text.find(_NEW_LINE, near) + 1
    return near


class Scanner:
    """One log, from its first byte to its last. `feed` computes for as long as the bytes take: use it in a thread.

    Where its kind is not known, every signature is looked for, and the lines at its beginning tell how they are judged.
    """

    def __init__(self, catalogue: Catalogue, where: Where = "unknown", keep: int = KEPT_OF_ONE) -> None:
        """`keep`: how many matches of one signature are kept."""
        self._finder = finder(catalogue, where)
        self._tally = Tally(self._finder.expected, keep)
        self._where = where
        self._beginning = b""
        self._rest = b""
        self._beyond = False
        self._offset = 0
        self._line = 0
        self._new: list[Match] = []
        self.cut = False
        """Whether a line was longer than what is looked at, so that something may have been missed."""

    @property
    def where(self) -> Where:
        """What kind of log it is, as far as its name or its lines tell."""
        return kind_by_lines(self._beginning) if self._where == "unknown" else self._where

    @property
    def lines(self) -> int:
        """So far, the one that has not ended among them."""
        return self._line + bool(self._rest or self._beyond)

    @property
    def counts(self) -> dict[str, int]:
        """How often each signature was found, by id; also where only some of the matches were kept."""
        return dict(self._tally.counts)

    def feed(self, chunk: bytes) -> Sequence[Match]:
        """The matches in the lines that end with this chunk."""
        self._new = []
        if len(self._beginning) < ENOUGH and self._where == "unknown":
            self._beginning += chunk[: ENOUGH - len(self._beginning)]
        for start in range(0, len(chunk), BLOCK):
            self._take(chunk[start : start + BLOCK])
        return self._new

    def end(self) -> Sequence[Match]:
        """Nothing more will come: the last line is over, even without an end. Its matches."""
        self._new = []
        lines = self.lines
        if self._rest:
            self._look(self._rest, len(self._rest))
        self._line, self._rest, self._beyond = lines, b"", False
        return self._new

    @property
    def awaits(self) -> bool:
        """Something must still follow a line that was found."""
        return self._tally.awaits

    def verdicts(self, silent_until: datetime | None = None) -> list[Verdict]:
        """What each kept match is, as far as the log has been read, in the order of the lines.

        `silent_until`: until then nothing more was written into it; None: its own lines tell how far it goes.
        """
        return self._tally.verdicts(self.where, silent_until)

    def _take(self, piece: bytes) -> None:
        if self._beyond:
            end = piece.find(_NEW_LINE) + 1
            self._offset += end or len(piece)
            if not end:
                return
            self._line += 1
            self._beyond, piece = False, piece[end:]
        text = self._rest + piece if self._rest else piece
        end = text.rfind(_NEW_LINE) + 1
        if end:
            self._look(text, end)
        self._rest = text[end:]
        if len(self._rest) > LINE_KEPT:
            beyond = len(self._rest) - LINE_KEPT
            self._look(self._rest, LINE_KEPT)
            self._offset += beyond
            self._rest, self._beyond, self.cut = b"", True, True

    def _look(self, text: bytes, end: int) -> None:
        """At the lines up to `end`. Afterwards `_offset` and `_line` are those of what follows."""
        bare, bare_end = text, end
        marked = self._offset == 0 and text.startswith(_BOM)
        coloured = marked or text.find(_ESCAPE, 0, end) >= 0
        if coloured:  # a code may stand within a literal
            bare = without_codes(text[:end]).removeprefix(_BOM if marked else b"")
            bare_end = len(bare)
        counted = begin = 0
        for found in self._promising(bare, bare_end):
            passed = bare.count(_NEW_LINE, counted, found.begin)
            self._line += passed
            counted = found.begin
            begin = _lines_on(text, begin, passed, found.begin) if coloured else found.begin
            stop = text.find(_NEW_LINE, begin, end) if coloured else found.end
            stop = end if stop < 0 else stop
            self.cut = self.cut or stop - begin > LINE_KEPT
            raw = text[begin : min(stop, begin + LINE_KEPT)]
            line = without_codes(raw).removeprefix(_BOM if self._offset + begin == 0 else b"").removesuffix(b"\r")
            if not is_hearsay(raw, line):
                self._try(line, self._offset + begin, found.rules)
        self._line += bare.count(_NEW_LINE, counted, bare_end)
        self._offset += end
        if self._tally.awaits:
            self._tally.note_time(text[max(0, end - REACH) : end])

    def _promising(self, text: bytes, end: int) -> Iterator[_Candidate]:
        """The lines that hold a literal and match where they stand: what else is to be said of them, `_try` says.

        Most literals are found in lines that mean nothing: they are dropped here, without a copy.
        """
        owners, patterns = self._finder.owners, self._finder.patterns
        stop = begin = limit = 0
        tried: set[int] = set()
        rules: dict[int, int] = {}
        for literal, start, _ in self._finder.hits(memoryview(text)[:end]):
            if start >= stop:
                if rules:
                    yield _Candidate(begin, stop, rules)
                    rules = {}
                begin = text.rfind(_NEW_LINE, stop, start) + 1 or stop
                stop = text.find(_NEW_LINE, start, end)
                if stop < 0:
                    stop = end
                limit = stop - 1 if text[stop - 1] == _RETURN else stop
                tried = set()
            for rule in owners[literal]:
                if rule not in tried:
                    tried.add(rule)
                    reach = max(begin, start - REACH), min(limit, start + REACH)
                    if compiled(patterns[rule]).search(text, *reach):
                        rules[rule] = start - begin
        if rules:
            yield _Candidate(begin, stop, rules)

    def _try(self, line: bytes, offset: int, rules: dict[int, int]) -> None:
        """The patterns that may match the line, best first: one signature, and whatever is awaited."""
        taken = False
        for rule, at in sorted(rules.items()):
            is_signature = rule < len(self._finder.signatures)
            if is_signature and taken:
                continue
            reach = max(0, at - REACH), at + REACH
            matched = compiled(self._finder.patterns[rule]).search(line, *reach)
            if matched is None:
                continue
            if not is_signature:
                self._tally.saw(rule, self._line, line)
                continue
            signature = self._finder.signatures[rule]
            if signature.unless is not None and compiled(signature.unless).search(line, *reach):
                continue
            taken = True
            groups = {name: took for name, took in matched.groupdict().items() if took is not None}
            start, end = matched.span()
            before = 0 if end <= TEXT_KEPT else max(0, start - LEAD)
            text = line[before : before + TEXT_KEPT]
            after = len(line) - before - len(text)
            match = Match(self._line, offset, signature, start, end, text, before, after, groups)
            self._tally.add(match, line)
            self._new.append(match)
