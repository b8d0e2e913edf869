"""The line at the bottom: hints, or what is being typed."""

from textual.app import ComposeResult
from textual.containers import Container

from console.errors import UsageError
from console.ui.widgets.hints import HintsLine
from console.ui.widgets.prompt import PromptLine


class BottomLine(Container):
    """One line, two uses."""

    def compose(self) -> ComposeResult:
        """The hints; a prompt comes when it is asked for."""
        yield HintsLine()

    def ask(self, prompt: PromptLine) -> None:
        """Type here instead of reading hints."""
        self.close()
        self.query_one(HintsLine).display = False
        self.mount(prompt)

    def close(self) -> bool:
        """Back to the hints; False when they are there already."""
        prompts = self.query(PromptLine)
        for prompt in prompts:
            prompt.remove()
        self.query_one(HintsLine).display = True
        return bool(prompts)

    def remark(self, error: UsageError | None) -> None:
        """What is wrong with what is typed."""
        for prompt in self.query(PromptLine):
            prompt.remark(f"{error.message} {error.hint}" if error else "")
