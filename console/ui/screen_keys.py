"""The keys of the one screen, in the order in which the line at the bottom offers them and help explains them."""

from textual.binding import Binding

from console.ui.panes import PANES

_TABS = tuple(entry for entry in PANES if entry.key)
_GO = Binding.Group(", ".join(entry.title for entry in _TABS))
_PARTS = Binding.Group("To the next part of the screen, to the part before")

SCREEN_KEYS: tuple[Binding, ...] = (
    Binding("question_mark", "help", "help", key_display="?", tooltip="The keys and commands of this screen"),
    Binding("x", "explain", "explain", tooltip="Why does this job wait or fail, why does this runner idle"),
    Binding("a", "act", "actions", tooltip="What can be done about this, and why the rest cannot be done"),
    Binding("R", "runbook", "runbook", tooltip="What to do about this, step by step"),
    Binding(
        "slash", "filter", "filter", key_display="/", priority=True, tooltip="Show only what matches, while it is typed"
    ),
    Binding("l", "log", "log", tooltip="The log of this job, at the line where it went wrong"),
    Binding("L", "runner_log('journal')", "journal", tooltip="What this runner's service says on its host"),
    Binding("D", "diag", "_diag", tooltip="What its listener wrote on its host; for a job, what its worker wrote"),
    Binding("O", "output", "output", tooltip="The output of this job while it runs, from its runner's host"),
    Binding("colon", "command", "command", key_display=":", priority=True, tooltip="The command line"),
    Binding("v", "acknowledge", "acknowledge", tooltip="Say that you know of this finding: others see by whom"),
    Binding("h", "mute", "mute", tooltip="Hush this finding for an hour, unless it gets worse"),
    Binding("u", "unmute", "take back", tooltip="Take back what was said of this finding"),
    Binding("r", "look_again", "look again", tooltip="Look again now, at everything"),
    Binding("p", "pause", "pause", tooltip="Send no request until p is pressed again"),
    Binding("y", "copy", "copy", tooltip="Copy the line, or the selected lines"),
    Binding("Y", "copy_url", "copy URL", tooltip="Copy the address of this on GitHub"),
    Binding("B", "browse", "browser", tooltip="Open this on GitHub in a browser"),
    *(
        Binding(each.key, f"go('{each.name}')", each.title, show=False, tooltip=f"Go to {each.title}", group=_GO)
        for each in _TABS
    ),
    Binding("W", "waits", "waits", show=False, tooltip="How long jobs wait for a runner, by labels"),
    Binding("escape", "back", "back", show=False, tooltip="Clear the filter, or go back to where you came from"),
    Binding("minus", "previous", "previous", show=False, key_display="-", tooltip="Go to the screen before"),
    Binding("q", "leave", "quit", show=False, tooltip="Go back; at the top, leave the console"),
    Binding(
        "tab", "app.focus_next", "next part", show=False, tooltip="To the next part of the screen", group=_PARTS
    ),
    Binding(
        "shift+tab", "app.focus_previous", "part before", show=False, tooltip="To the part before", group=_PARTS
    ),
    Binding(
        "A", "authenticate", "authenticate", show=False,
        tooltip="Leave the screen to ssh, which asks what only you know: a passphrase, a code",
    ),
    Binding("ctrl+c", "copy_text", "copy marked", show=False, tooltip="Copy what is marked with the mouse"),
)  # fmt: skip
"""Whoever can do it says whether it can be done here; a key that does nothing is not offered."""
