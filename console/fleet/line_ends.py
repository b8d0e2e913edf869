"""Where a line may not end: between a number and its unit. Without any library, as `--help` waits for it."""

import re

_TIED = "\u2800"
"""As wide as a space, and nowhere does a line break at it."""
_ONE_NUMBER = (
    r"(?<=\d) (?=(?:ms|s|min|h|d|B|KB|MB|GB|TB|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|\d{3})\b|%)"
    r"|(?<=\d h) (?=\d\d\b)|(?<=[≥>]) (?=\d)|(?<=\w) (?=ago\b)"
)


def tied(text: str) -> str:
    """The text with a number and its unit as one word, so that no line ends between them. It stays as long as it is."""
    return text if _TIED in text else re.sub(_ONE_NUMBER, _TIED, text)


def untied(text: str) -> str:
    """What was tied, as it was."""
    return text.replace(_TIED, " ")
