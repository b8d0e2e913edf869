"""Ten thousand runners that change, on one of which a job prints five megabytes a second; served until it is ended."""

from dataclasses import replace

from console.simulator.acme import LINUX, on_main
from console.simulator.clock import WorldClock
from console.simulator.scenarios import big_fleet, chatty_job
from console.simulator.server import serve
from console.simulator.workflows import JobPlan
from console.simulator.world import World

JOB = "simulate"
RATE = chatty_job.RATE


def build(clock: WorldClock) -> World:
    """That of `big-fleet`, in which the job of `chatty-job` begins."""
    world = big_fleet.build(clock)
    job = JobPlan(JOB, LINUX, (13_000, 14_000), (chatty_job.STEP,), prints=chatty_job.prints, pours=RATE)
    world.start_run("acme/shop-api", on_main("Simulation", "simulation.yml", job))
    return world


if __name__ == "__main__":
    serve(replace(big_fleet.SCENARIO, build=build), 0, 1.0, lambda line: print(line, flush=True))
