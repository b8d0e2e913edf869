"""Lines that speak of trouble without having any: a step's script as GitHub prints it, and tests that passed."""

import re

_SCRIPT = re.compile(
    rb"(?:[^\t]*\t[^\t]*\t)?"  # as `gh run view --log` begins each line
    rb"(?:\xef\xbb\xbf)?(?:\d{4}-\d\d-\d\dT[\d:.]{8,20}Z )?"  # as GitHub begins each line
    rb"(?:\x1b\[36;1m|##\[(?:group\]Run |command\]|debug\])|\[command\]|\+{1,3} )"
)
_PASSED = re.compile(
    rb"\bPASS(?:ED)?\b|\.\.\. (?:ok|ignored|skipped)\b|--- (?:PASS|SKIP): |(?:\xe2\x9c\x93|\xe2\x9c\x94) |\bok \d+ - "
)


def is_hearsay(raw: bytes, bare: bytes) -> bool:
    """`raw` is the line as it came, `bare` without its codes for colours: only the codes tell a script from output."""
    return _SCRIPT.match(raw) is not None or _PASSED.search(bare) is not None
