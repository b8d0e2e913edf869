"""Every command of the `:` line and of the palette: one registry of decorated functions."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from console.errors import UsageError
from console.fleet.history import STATES
from console.ui import job_row, runner_row
from console.ui.log_sources import OnRunner


class Surface(Protocol):
    """What a command may ask of the screen."""

    def go_to(self, pane: str, filter_text: str | None = None) -> None: ...

    def set_filter(self, text: str) -> None: ...

    def set_order(self, column: str) -> None: ...

    def order_names(self) -> tuple[str, ...]: ...

    def show_log(self, words: str) -> None: ...

    def show_host_log(self, kind: OnRunner, words: str) -> None: ...

    def show_output(self, words: str) -> None: ...

    def salvage(self, words: str) -> None: ...

    def act(self, name: str) -> None: ...

    def act_names(self) -> tuple[str, ...]: ...

    def acknowledge(self) -> None: ...

    def mute(self, words: str) -> None: ...

    def unmute(self) -> None: ...

    def show_runbook(self, name: str) -> None: ...

    def action_waits(self) -> None: ...

    def runbook_names(self) -> tuple[str, ...]: ...

    def use_theme(self, name: str) -> None: ...

    def theme_names(self) -> tuple[str, ...]: ...

    def use_context(self, name: str) -> None: ...

    def context_names(self) -> tuple[str, ...]: ...

    def show_sources(self) -> None: ...

    def action_help(self) -> None: ...

    def action_look_again(self) -> None: ...

    def action_pause(self) -> None: ...

    def leave(self) -> None: ...


class Command(NamedTuple):
    """One command: what is typed, what it does, and which values its argument can have."""

    name: str
    help: str
    run: Callable[[Surface, str], None]
    argument: str = ""
    """How the argument is written in help: `NAME` when it is needed, `[FILTER]` when it may be left out, else empty."""
    values: Callable[[Surface], tuple[str, ...]] | None = None
    action: str = ""
    """The screen's action that does the same, where a key is bound to one."""
    value_help: Callable[[str], str] | None = None
    """What it does with that value, where that is not the same for all."""

    def help_for(self, value: str) -> str:
        """Of the command with that value."""
        return (self.value_help(value) if self.value_help is not None else "") or self.help

    @property
    def usage(self) -> str:
        return f":{self.name} {self.argument}".rstrip()

    @property
    def needs_argument(self) -> bool:
        return bool(self.argument) and not self.argument.startswith("[")


COMMANDS: dict[str, Command] = {}


def _command(
    help_text: str,
    *,
    argument: str = "",
    values: Callable[[Surface], tuple[str, ...]] | None = None,
    action: str = "",
    value_help: Callable[[str], str] | None = None,
) -> Callable[[Callable[[Surface, str], None]], Callable[[Surface, str], None]]:
    def register(run: Callable[[Surface, str], None]) -> Callable[[Surface, str], None]:
        name = run.__name__.rstrip("_")
        COMMANDS[name] = Command(name, help_text, run, argument, values, action, value_help)
        return run

    return register


def find_command(line: str, screen: Surface) -> tuple[Command, str]:
    """What a typed line asks for. Any beginning that fits one command alone is enough."""
    name, _, argument = line.strip().lstrip(":").strip().partition(" ")
    command = COMMANDS.get(name)
    if command is None:
        begun = [each for each in COMMANDS if name and each.startswith(name)]
        if len(begun) != 1:
            raise UsageError(f'There is no command "{name}".', _nearest(name, begun))
        command = COMMANDS[begun[0]]
    argument = argument.strip()
    if command.needs_argument and not argument:
        raise UsageError(f":{command.name} needs {command.argument}.", _choices(command, screen))
    if argument and not command.argument:
        raise UsageError(f":{command.name} takes nothing after it.", f"Write {command.usage}")
    return command, argument


def _choices(command: Command, screen: Surface) -> str:
    values = command.values(screen) if command.values is not None else ()
    return f"There are: {', '.join(values)}" if values else f"Write {command.usage}"


def _nearest(name: str, begun: list[str]) -> str:
    near = begun or difflib.get_close_matches(name, COMMANDS, n=1)
    if near:
        return f"Nearest: {', '.join(f':{each}' for each in near)}"
    return "? shows what there is."


def becoming(line: str, screen: Surface) -> str:
    """What a line that is being typed can become: the commands that begin so, what the only one does, or its values."""
    name, space, argument = line.lstrip(" :").partition(" ")
    begun = [name] if name in COMMANDS else [each for each in COMMANDS if each.startswith(name)]
    if len(begun) != 1:
        return "" if space else "  ".join(begun)
    command = COMMANDS[begun[0]]
    values = command.values(screen) if space and command.values is not None else ()
    fitting = [value for value in values if value.startswith(argument.lstrip())]
    return "  ".join(fitting) or f"{command.usage}  {command.help}"


def value_lines(screen: Surface) -> Iterator[tuple[Command, str]]:
    """One line for each value of every command that needs one."""
    for command in COMMANDS.values():
        if command.needs_argument and command.values is not None:
            for value in command.values(screen):
                yield command, f"{command.name} {value}"


def known_value(name: str, values: tuple[str, ...], what: str) -> str:
    """The value that is meant, whatever its case; `UsageError` with the nearest one when there is none."""
    for value in values:
        if value.casefold() == name.casefold():
            return value
    near = difflib.get_close_matches(name, values, n=1)
    hint = f"Nearest: {near[0]}" if near else f"There are: {', '.join(values)}" if values else ""
    raise UsageError(f'There is no {what} "{name}".', hint)


def _filter_for(words: str, states: Sequence[str]) -> str | None:
    """`:jobs queued` means the state, not whatever has that word in its name."""
    if words not in states:
        return words or None
    return f'status:"{words}"' if " " in words else f"status:{words}"


@_command("Findings, worst first", action="go('now')")
def now(screen: Surface, argument: str) -> None:
    """The first screen."""
    screen.go_to("now")


@_command("Runners; with words after it, only those that match", argument="[FILTER]", action="go('runners')")
def runners(screen: Surface, argument: str) -> None:
    """The runners, filtered when asked."""
    screen.go_to("runners", _filter_for(argument, runner_row.STATES))


@_command("Jobs; with words after it, only those that match", argument="[FILTER]", action="go('jobs')")
def jobs(screen: Surface, argument: str) -> None:
    """The jobs, filtered when asked."""
    screen.go_to("jobs", _filter_for(argument, job_row.STATES))


@_command("How long jobs wait for a runner, by labels: the last hour and what is usual", action="waits")
def waits(screen: Surface, argument: str) -> None:
    """What they ask for, half of them, nine of ten, and the day."""
    screen.action_waits()


@_command("Logs; with a job after it, the log of that job", argument="[JOB]", action="go('logs')")
def logs(screen: Surface, argument: str) -> None:
    """The logs that are open, or one more."""
    if argument:
        screen.show_log(argument)
    else:
        screen.go_to("logs")


@_command("What was done; with words after it, only what matches", argument="[FILTER]", action="go('history')")
def history(screen: Surface, argument: str) -> None:
    """The history, filtered when asked."""
    screen.go_to("history", _filter_for(argument, STATES))


@_command("What to do about incidents; with words, only what matches", argument="[FILTER]", action="go('runbooks')")
def runbooks(screen: Surface, argument: str) -> None:
    """The runbooks, filtered when asked."""
    screen.go_to("runbooks", argument or None)


@_command("Walk through a runbook", argument="NAME", values=lambda screen: screen.runbook_names(), action="runbook")
def runbook(screen: Surface, argument: str) -> None:
    """About what is under the cursor, where that leads to it."""
    screen.show_runbook(argument)


@_command("What a runner's service says on its host", argument="RUNNER", action="runner_log('journal')")
def journal(screen: Surface, argument: str) -> None:
    """One more log."""
    screen.show_host_log("journal", argument)


@_command("What a runner's listener wrote on its host", argument="RUNNER")
def diag(screen: Surface, argument: str) -> None:
    """One more log."""
    screen.show_host_log("listener", argument)


@_command("What the worker of a runner's newest job wrote on its host", argument="RUNNER")
def worker(screen: Surface, argument: str) -> None:
    """One more log."""
    screen.show_host_log("worker", argument)


@_command("Copy what a crashed worker left of its job's output on a runner's host into a file here", argument="RUNNER")
def salvage(screen: Surface, argument: str) -> None:
    """The console says where."""
    screen.salvage(argument)


@_command("The output of a running job, from its runner's host", argument="JOB", action="output")
def output(screen: Surface, argument: str) -> None:
    """One more log."""
    screen.show_output(argument)


def _says(name: str) -> str:
    from console.fleet.guided_actions import GUIDED_ACTIONS  # the first paint does not wait for it

    action = GUIDED_ACTIONS.get(name)
    return f"{action.title}. {action.says}" if action is not None else ""


@_command(
    "Do something about what is under the cursor",
    argument="NAME",
    values=lambda screen: screen.act_names(),
    value_help=_says,
)
def act(screen: Surface, argument: str) -> None:
    """The dialog of actions, without its menu."""
    screen.act(argument)


@_command("Say that you know of this finding: others see by whom", action="acknowledge")
def acknowledge(screen: Surface, argument: str) -> None:
    """It stays on Now, dim."""
    screen.acknowledge()


@_command("Not to be told of this finding for a while: 30m, 2h, 24h; an hour when nothing is said", argument="[TIME]")
def mute(screen: Surface, argument: str) -> None:
    """It comes back earlier when it gets worse."""
    screen.mute(argument)


@_command("Take back what was said of this finding", action="unmute")
def unmute(screen: Surface, argument: str) -> None:
    """It is new again."""
    screen.unmute()


@_command("Open another context", argument="NAME", values=lambda screen: screen.context_names())
def context(screen: Surface, argument: str) -> None:
    """Leave this context and open another."""
    screen.use_context(argument)


@_command("Change the colours", argument="NAME", values=lambda screen: screen.theme_names())
def theme(screen: Surface, argument: str) -> None:
    """Another theme, until the console ends."""
    screen.use_theme(argument)


@_command("Every source: how old it is, and what is wrong with it")
def sources(screen: Surface, argument: str) -> None:
    """The dialog of sources."""
    screen.show_sources()


@_command("Look again now", action="look_again")
def look(screen: Surface, argument: str) -> None:
    """Make every source due."""
    screen.action_look_again()


@_command("Pause looking, or go on", action="pause")
def pause(screen: Surface, argument: str) -> None:
    """Send no request until it is resumed."""
    screen.action_pause()


@_command("The keys and commands of this screen", action="help")
def help_(screen: Surface, argument: str) -> None:
    """The help dialog."""
    screen.action_help()


@_command("Show only what matches; nothing after it shows all", argument="[FILTER]", action="filter")
def filter_(screen: Surface, argument: str) -> None:
    """The same as `/`."""
    screen.set_filter(argument)


@_command(
    "Sort by a column; the same column again turns the order",
    argument="COLUMN",
    values=lambda screen: screen.order_names(),
)
def sort(screen: Surface, argument: str) -> None:
    """Sort the table in view."""
    screen.set_order(argument)


@_command("Leave the console", action="leave")
def quit_(screen: Surface, argument: str) -> None:
    """End."""
    screen.leave()
