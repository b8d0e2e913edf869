"""`demo` and `simulate`: the pretend fleet, with and without the console."""

import math

import click

from console.cli.names import scenario_names
from console.cli.output import print_lines, print_pairs
from console.cli.parts import Called


class Speed(click.FloatRange):
    """A factor. What is no number lies within every range, as far as comparing tells."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail(f"{value!r} is no number.", param, ctx)
        return found


FASTER = Speed(0.1, 100.0)


@click.command()
@click.argument("scenario", required=False, shell_complete=scenario_names)
@click.option("--speed", type=FASTER, default=1.0, help="How fast the pretend time passes.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.option("--walk", is_flag=True, help="With its runbook opened; at the end it tells how long everything took.")
@click.option("--list", "as_list", is_flag=True, help="Print the scenarios and what happens in each.")
@click.pass_obj
def demo(called: Called, scenario: str | None, speed: float, *, no_mouse: bool, walk: bool, as_list: bool) -> int:
    """The whole console on a pretend fleet, over real HTTP and SSH on loopback.

    Without SCENARIO a runner idles while its jobs wait.
    """
    if as_list:
        print_pairs([(name, f"{title}. {summary}") for name, title, summary in called.parts.scenarios()])
        return 0
    mouse = not no_mouse and called.options.mouse is not False
    return called.parts.run_demo(called.options, scenario, speed, mouse=mouse, say=click.echo if walk else None)


@click.command()
@click.argument("scenario", required=False, shell_complete=scenario_names)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0, the default, takes any that is free.")
@click.option("--speed", type=FASTER, default=1.0, help="How fast the pretend time passes.")
@click.pass_obj
def simulate(called: Called, scenario: str | None, port: int, speed: float) -> None:
    """Serve the pretend GitHub and its hosts on loopback until ctrl+c, and print the context that uses them."""
    called.parts.simulate(scenario, port, speed, lambda line: print_lines((line,)))
