"""Finds the known lines of a log in bytes as they come, cut anywhere, and says in the end what each of them is."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from console.fleet.finder import finder
from console.fleet.hearsay import is_hearsay
from console.fleet.log_lines import Where
from console.fleet.log_times import moment
from console.fleet.patterns import compiled
from console.fleet.signatures import Catalogue
from console.fleet.tally import Tally
from console.fleet.verdicts import Match, Verdict

BLOCK = 256 * 1024
"""Bytes looked at in one go."""
LINE_KEPT = 64 * 1024
"""Bytes of a line that are looked at."""
REACH = 4 * 1024
"""Bytes before and after its literal on which a pattern is tried: what it costs does not grow with the line."""
TEXT_KEPT = 1_000

_NEW_LINE = b"\n"
_BOM = b"\xef\xbb\xbf"
_ESCAPE = b"\x1b"
_CODES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    rb"|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # OSC: links, titles
    rb"|[@-Z\\^_])"
)


class _Candidate(NamedTuple):
    """A line that holds literals: its number, its place in the text, and where each rule's first literal stands."""

    number: int
    begin: int
    end: int
    rules: dict[int, int]


class Scanner:
    """One log, from its first byte to its last. `feed` computes for as long as the bytes take: use it in a thread."""

    def __init__(self, catalogue: Catalogue, where: Where = "unknown") -> None:
        self._finder = finder(catalogue, where)
        self._tally = Tally(self._finder.expected, where)
        self._rest = b""
        self._beyond = False
        self._offset = 0
        self._line = 0
        self._new: list[Match] = []

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

    def verdicts(self) -> list[Verdict]:
        """What each kept match is, as far as the log has been read, in the order of the lines."""
        return self._tally.verdicts()

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
            self._rest, self._beyond = b"", True

    def _look(self, text: bytes, end: int) -> None:
        """At the lines up to `end`. Afterwards `_offset` and `_line` are those of what follows."""
        coloured = text.find(_ESCAPE, 0, end) >= 0
        # A code may stand within a literal. It never holds the end of a line, so the lines remain the same ones.
        bare = _CODES.sub(b"", text[:end]) if coloured else text
        bare_end = len(bare) if coloured else end
        begins = [0, *(found.end() for found in re.finditer(_NEW_LINE, text[:end]))] if coloured else []
        for found in self._candidates(bare, bare_end):
            begin = begins[found.number - self._line] if coloured else found.begin
            stop = text.find(_NEW_LINE, begin, end) if coloured else found.end
            raw = text[begin : min(end if stop < 0 else stop, begin + LINE_KEPT)]
            line = _CODES.sub(b"", raw) if coloured else raw
            if not is_hearsay(raw, line):
                self._try(found, line, self._offset + begin)
        self._line += bare.count(_NEW_LINE, 0, bare_end)
        self._offset += end
        if self._tally.awaits:
            self._tally.note_time(text[max(0, end - REACH) : end])

    def _candidates(self, text: bytes, end: int) -> Iterator[_Candidate]:
        """The lines that hold literals."""
        owners = self._finder.owners
        number, counted = self._line, 0
        found: _Candidate | None = None
        for literal, start, _ in self._finder.hits(memoryview(text)[:end]):
            if found is None or start >= found.end:
                if found is not None:
                    yield found
                begin = text.rfind(_NEW_LINE, counted, start) + 1 or counted
                number += text.count(_NEW_LINE, counted, begin)
                counted = begin
                stop = text.find(_NEW_LINE, start, end)
                found = _Candidate(number, begin, end if stop < 0 else stop, {})
            for rule in owners[literal]:
                found.rules.setdefault(rule, start - found.begin)
        if found is not None:
            yield found

    def _try(self, found: _Candidate, line: bytes, offset: int) -> None:
        """The patterns whose literals the line holds, best first: one signature, and whatever is awaited."""
        line = line.removesuffix(b"\r")
        if found.number == 0:
            line = line.removeprefix(_BOM)
        taken = False
        for rule, at in sorted(found.rules.items()):
            is_signature = rule < len(self._finder.signatures)
            if is_signature and taken:
                continue
            reach = max(0, at - REACH), at + REACH
            matched = compiled(self._finder.patterns[rule]).search(line, *reach)
            if matched is None:
                continue
            if not is_signature:
                self._tally.saw(rule, found.number, moment(line))
                continue
            signature = self._finder.signatures[rule]
            if signature.unless is not None and compiled(signature.unless).search(line, *reach):
                continue
            taken = True
            groups = {name: took for name, took in matched.groupdict().items() if took is not None}
            match = Match(found.number, offset, signature, *matched.span(), line[:TEXT_KEPT], groups)
            self._tally.add(match, moment(line))
            self._new.append(match)
