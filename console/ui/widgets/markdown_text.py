"""Markdown of our own and of the user's own runbooks; never text that came from outside."""

from textual.containers import Vertical
from textual.widget import Widget

from console.ui import signs


class MarkdownText(Vertical):
    """As high as it needs. The parser is loaded with the first text. Links are read, and not followed."""

    DEFAULT_CSS = """
    MarkdownText { height: auto; }
    MarkdownText Markdown { height: auto; padding: 0; background: transparent; }
    MarkdownText MarkdownBlock { margin: 0 0 1 0; }
    MarkdownText MarkdownBulletList MarkdownParagraph { margin: 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    async def show(self, text: str) -> None:
        """This, instead of what was there."""
        text = signs.prose(text)
        if text == self._text:
            return
        self._text = text
        from textual.widgets import Markdown  # most never see a runbook

        there: list[Widget] = [*self.query(Markdown)]
        if there and isinstance(there[0], Markdown):
            await there[0].update(text)
        else:
            markdown = Markdown(text, open_links=False)
            if signs.ascii_only():
                markdown.BULLETS = ["- "]
            await self.mount(markdown)
