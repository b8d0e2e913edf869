"""What is wrong with a text that is no TOML: where, and in words that need no knowledge of the parser."""

import re
import tomllib

from console.errors import printable
from console.settings.complaints import Complaint

_POSITION = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_TWICE = re.compile(r"Cannot (?:overwrite|declare)|Duplicate inline table key '(.*)'$")
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_STATEMENT = re.compile(rf"\s*\[*\s*({_PART}(?:\s*\.\s*{_PART})*)\s*[\]=]")
_LONGEST_SEARCH = 200
"""Lines back from a mistake, in which its key must begin."""
_HINTS = {
    "Invalid value": "text stands in quotes; true and false are written small",
    "Invalid statement": "a line is KEY = VALUE or [TABLE]",
}


def what_is_wrong(text: str, error: tomllib.TOMLDecodeError) -> Complaint:
    """The place is a line and a column; a key that stands twice is named."""
    lines = text.split("\n")
    position = _POSITION.search(str(error))
    line, column = len(lines), len(lines[-1]) + 1
    if position is not None and position[1]:
        line, column = int(position[1]), int(position[2])
    words = _POSITION.sub("", str(error))
    twice = _TWICE.match(words)
    if twice is None:
        return Complaint(f"line {line}, column {column}", printable(words, 120), _HINTS.get(words, ""))
    key = twice[1]
    if key is None:
        line = _statement_begins(lines, line)
        found = _STATEMENT.match(lines[line - 1])
        key, column = (found[1], found.start(1) + 1) if found else ("", 1)
    named = f"“{printable(key, 80)}” stands here for the second time" if key else "this stands here for the second time"
    return Complaint(f"line {line}, column {column}", named, "one of the two must go")


def _statement_begins(lines: list[str], line: int) -> int:
    """The parser tells where a statement ends; it begins behind the last line up to which all is well."""
    for before in range(line - 1, max(line - 1 - _LONGEST_SEARCH, -1), -1):
        try:
            tomllib.loads("\n".join(lines[:before]))
        except tomllib.TOMLDecodeError:
            continue
        return before + 1
    return line
