"""The hosts of one context: how they are reached, and the logs on them."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from console.errors import SettingsError
from console.operations.connection import ContextFacts
from console.operations.interfaces import Clock

if TYPE_CHECKING:
    from console.operations.host_logs import RunnerHostLogs
    from console.operations.interfaces import Hosts
    from console.operations.suspects import Suspects
    from console.operations.watch import Watch
    from console.remote.ssh import SshHosts
    from console.remote.ssh_arguments import Client
    from console.settings.schema import Context, Settings
    from console.simulator.hosts import Access


def client_for(settings: "Settings", context: "Context") -> "Client":
    """The operator's own ssh. Raises SettingsError where somebody else could have named the program."""
    from console.remote.ssh_arguments import Client

    if settings.distrust and settings.ssh_program != type(settings).model_fields["ssh_program"].default:
        raise SettingsError(f"ssh_program: {settings.distrust}", "Whoever can write there could run what they like.")
    return Client(dict(os.environ), program=settings.ssh_program, user=context.ssh.user)


def pretend_client(access: "Access | None") -> "Client":
    """Reaches pretend hosts and no others; without an ssh client there are none, and ssh's absence is what is told."""
    from console.remote.ssh_arguments import Client

    return Client(dict(os.environ), config=access.config if access is not None else None)


def hosts_for(client: "Client") -> "SshHosts":
    """Every host of a context, over connections that all that asks them shares."""
    from console.remote.ssh import SshHosts

    return SshHosts(client)


def host_logs_for(
    hosts: "Hosts",
    facts: ContextFacts,
    patterns: Mapping[str, str],
    watch: "Watch",
    clock: Clock,
    *,
    now: Callable[[], datetime],
) -> "RunnerHostLogs":
    """What is read of a host is kept in the cache directory, in files without names. `now` is GitHub's time."""
    from console.fleet.locating import web_address
    from console.operations.catalogue import whole_catalogue
    from console.operations.host_logs import RunnerHostLogs
    from console.operations.locate import HostNames
    from console.remote.log_text import Spool
    from console.remote.sanitize import redact, text
    from console.settings.paths import paths, private_directory

    return RunnerHostLogs(
        hosts,
        HostNames(facts.name, patterns, web_address(facts.api_url)),
        watch.facts,
        spool=lambda: Spool(private_directory(paths().cache_dir)),
        catalogue=lambda: whole_catalogue().catalogue,
        clean=lambda words: text(redact(words)),
        clock=clock,
        now=now,
    )


def suspects_for(host_logs: "RunnerHostLogs", clock: Clock) -> "Suspects":
    """What hosts say of suspected runners. Nothing of their logs is kept but the known lines."""
    from console.operations.catalogue import whole_catalogue
    from console.operations.suspects import Suspects
    from console.remote.sanitize import redact, text

    return Suspects(host_logs, lambda: whole_catalogue().catalogue, lambda words: text(redact(words)), clock)
