"""The line at the bottom: hints, or what is being typed."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container

from console.errors import UsageError
from console.ui.widgets.hints import HintsLine
from console.ui.widgets.prompt import Asker, Kind, PromptLine


class BottomLine(Container):
    """One line, two uses."""

    began_with = ""
    """What stood in the line when it was opened."""

    def compose(self) -> ComposeResult:
        """The hints; the prompt follows after the first paint."""
        yield HintsLine()

    async def add_prompt(self, asker: Asker) -> None:
        """It is there before it is wanted, so that it can take the keys at once."""
        prompt = PromptLine(asker)
        prompt.display = False
        await self.mount(prompt)

    @property
    def asks(self) -> bool:
        """Something is being typed."""
        return any(prompt.display for prompt in self.query(PromptLine))

    def ask(self, kind: Kind, text: str = "", completions: Sequence[str] = ()) -> None:
        """Type here instead of reading hints."""
        self.began_with = text
        for prompt in self.query(PromptLine):
            self.query_one(HintsLine).display = False
            prompt.open(kind, text, completions)

    def close(self) -> bool:
        """Back to the hints; False when they are there already."""
        asked = self.asks
        for prompt in self.query(PromptLine):
            prompt.display = False
        self.query_one(HintsLine).display = True
        return asked

    def remark(self, error: UsageError | None) -> None:
        """What is wrong with what is typed."""
        self.query_one(PromptLine).remark(f"{error.message} {error.hint}" if error else "")

    def offer(self, text: str) -> None:
        """What the line that is typed can become."""
        for prompt in self.query(PromptLine):
            prompt.offer(text)
