"""The pretend GitHub behind TLS, as a server of one's own has it: `python -m tests.real.tls_github CERTIFICATE KEY`.

Prints its port, and serves until it is ended.
"""

import asyncio
import sys
from datetime import UTC, datetime

import uvicorn

from console.simulator.clock import WorldClock
from console.simulator.github_api import github_app
from console.simulator.scenarios import DEFAULT, scenario_named
from console.simulator.server import listen

if __name__ == "__main__":
    listening = listen(0)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        github_app(scenario_named(DEFAULT).build(WorldClock(datetime.now(UTC), frozen=True))),
        ssl_certfile=sys.argv[1],
        ssl_keyfile=sys.argv[2],
        log_level="critical",
        lifespan="off",
        server_header=False,
        date_header=False,
    )
    asyncio.run(uvicorn.Server(config).serve([listening]))
