"""Prints the script that makes a shell complete our commands and options."""

import click
from click.shell_completion import get_completion_class

from console.errors import UsageError


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash   runner-console completion bash > ~/.local/share/bash-completion/completions/runner-console
    zsh    runner-console completion zsh > "${fpath[1]}/_runner-console"
    fish   runner-console completion fish > ~/.config/fish/completions/runner-console.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"There is no completion for {shell}")
    script = kind(ctx.find_root().command, {}, "runner-console", "_RUNNER_CONSOLE_COMPLETE").source()
    # Click's script for fish would end every description at its first comma.
    click.echo(script.replace('string split "," $completion', 'string split --max 1 "," $completion'))
