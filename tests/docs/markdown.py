"""What the documentation shows: its commands, what it says they print, its links, its pieces of code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = {str(path.relative_to(ROOT)): path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}

_FENCE = re.compile(r"^```(\w*)$")
_INLINE = re.compile(r"``(.+?)``|`([^`\n]+)`")
_COMMAND = re.compile(r"(?:^|[|;&(]\s*|^\s+)(?:\w+=(?:\"[^\"]*\"|\S+)\s+)*runner-console(?=\s|$)", re.MULTILINE)


class Block(NamedTuple):
    """A piece of code that stands alone; `language` is empty where it is only indented."""

    language: str
    line: int
    text: str


class Shown(NamedTuple):
    """A command as it is to be typed, in which line, and what the document says that it prints."""

    line: int
    command: str
    prints: tuple[str, ...] | None = None


def blocks(text: str) -> Iterator[Block]:
    """The fenced and the indented ones."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        begun, fence = at, _FENCE.match(lines[at])
        if fence is not None:
            at = lines.index("```", begun + 1) + 1
            yield Block(fence[1], begun + 1, "\n".join(lines[begun + 1 : at - 1]))
        elif lines[at].startswith("    ") and not lines[at - 1].strip():
            while at < len(lines) and (lines[at].startswith("    ") or not lines[at].strip()):
                at += 1
            yield Block("", begun + 1, "\n".join(line[4:] for line in lines[begun:at]).rstrip())
        else:
            at += 1


def prose(text: str) -> str:
    """With an empty line for each line of code, so that the numbers of lines stay."""
    lines = text.split("\n")
    for block in blocks(text):
        first = block.line - 1 + bool(lines[block.line - 1].startswith("```"))
        for at in range(first, first + block.text.count("\n") + 1):
            lines[at] = ""
    return "\n".join("" if _FENCE.match(line) else line for line in lines)


def inline(text: str) -> Iterator[tuple[int, str]]:
    """Every word or words between backticks, with the number of its line."""
    for number, line in enumerate(prose(text).split("\n"), 1):
        for found in _INLINE.finditer(line):
            yield number, (found[1] or found[2]).strip().replace("\\|", "|")


def commands(text: str) -> list[Shown]:
    """All that run the console, in the order in which they stand there."""
    found = [Shown(line, words) for line, words in inline(text) if _COMMAND.search(words)]
    for block in blocks(text):
        if block.language == "console":
            found += _session(block)
        elif block.language == "sh":
            found += [Shown(block.line, block.text)] if _COMMAND.search(block.text) else []
        elif block.language == "":
            numbered = enumerate(block.text.split("\n"), block.line)
            typed = ((line, re.sub(r"\s+# .*$", "", words)) for line, words in numbered)
            found += [Shown(line, words) for line, words in typed if _COMMAND.search(words)]
        else:
            assert not _COMMAND.search(block.text), f"line {block.line}: nobody runs what stands in {block.language}"
    return sorted(found, key=lambda shown: shown.line)


def _session(block: Block) -> Iterator[Shown]:
    """Commands behind `$ `, each followed by what it prints."""
    typed: Shown | None = None
    printed: list[str] = []
    for number, line in enumerate(block.text.split("\n"), block.line + 1):
        if line.startswith("$ "):
            if typed is not None:
                yield typed._replace(prints=tuple(printed))
            typed, printed = Shown(number, line[2:]), []
        else:
            printed.append(line)
    assert typed is not None, f"line {block.line}: a session without a command"
    yield typed._replace(prints=tuple(printed))


def links(text: str) -> list[tuple[int, str]]:
    """Where its links and pictures point to."""
    return [
        (number, target)
        for number, line in enumerate(prose(text).split("\n"), 1)
        for target in re.findall(r"\]\(([^)\s]+)\)", line)
    ]


def anchors(text: str) -> set[str]:
    """What a link may have behind its `#`, as GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def as_shown(printed: str, shown: tuple[str, ...]) -> bool:
    """Whether this was printed: `…` is anything, alone in a line any lines; numbers and times may differ."""
    patterns = []
    for line in shown:
        if line.strip() == "…":
            patterns.append(r"(?:.*\n)*?")
        else:
            parts = [re.escape(part) for part in _levelled(line).split("…")]
            patterns.append(".*".join(parts) + r"\n")
    lines = [_levelled(line) for line in printed.rstrip("\n").split("\n")]
    return re.fullmatch("".join(patterns), "".join(f"{line}\n" for line in lines)) is not None


def _levelled(line: str) -> str:
    """Without what differs each time: times, ages, counts, and how wide a column is."""
    line = re.sub(r"\d{4}-\d\d-\d\d|\d\d:\d\d:\d\dZ|(?<![\w-])\d+(?:\.\d+)*(?![\w-])", "0", line)
    return re.sub(r"\s+", " ", line).rstrip()
