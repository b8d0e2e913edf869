"""The line at the bottom: hints, or what is being typed."""

from textual.app import ComposeResult
from textual.containers import Container
from textual.suggester import Suggester

from console.errors import UsageError
from console.ui.widgets.hints import HintsLine
from console.ui.widgets.prompt import Kind, PromptLine


class BottomLine(Container):
    """One line, two uses."""

    def compose(self) -> ComposeResult:
        """The hints; the prompt is there already, so that it can take the keys at once."""
        yield HintsLine()
        prompt = PromptLine()
        prompt.display = False
        yield prompt

    @property
    def asks(self) -> bool:
        """Something is being typed."""
        return self.query_one(PromptLine).display

    def ask(self, kind: Kind, text: str = "", suggester: Suggester | None = None) -> None:
        """Type here instead of reading hints."""
        self.query_one(HintsLine).display = False
        self.query_one(PromptLine).open(kind, text, suggester)

    def close(self) -> bool:
        """Back to the hints; False when they are there already."""
        prompt = self.query_one(PromptLine)
        asked, prompt.display = prompt.display, False
        self.query_one(HintsLine).display = True
        return asked

    def remark(self, error: UsageError | None) -> None:
        """What is wrong with what is typed."""
        self.query_one(PromptLine).remark(f"{error.message} {error.hint}" if error else "")
