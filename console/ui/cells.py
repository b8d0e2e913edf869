"""Models into styled text; pure. The only way foreign text reaches a widget, and never as markup."""

from collections.abc import Sequence

from textual.content import Content, Span

from console.fleet.models import Name, Phrase
from console.ui.columns import Part

_CONTENT_STYLES = {
    "muted": "$text-muted",
    "error": "bold $error",
    "warning": "$warning",
    "success": "$success",
    "accent": "$accent",
    "foreign": "$secondary",
    "strong": "bold",
}
"""For widgets other than the table; the same colours as its component classes."""


def phrase_parts(sentence: Phrase, style: str = "") -> tuple[Part, ...]:
    """Our own words in `style`, foreign text apart from them."""
    return tuple(Part(part.text, "foreign") if isinstance(part, Name) else Part(part, style) for part in sentence)


def content(parts: Sequence[Part]) -> Content:
    """Parts for any widget. The text is taken as it is: brackets are brackets."""
    spans: list[Span] = []
    at = 0
    for text, style in parts:
        if style and text:
            spans.append(Span(at, at + len(text), _CONTENT_STYLES[style]))
        at += len(text)
    return Content("".join(part.text for part in parts), spans)


def phrase(sentence: Phrase, style: str = "") -> Content:
    """A sentence for any widget."""
    return content(phrase_parts(sentence, style))
