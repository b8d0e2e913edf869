"""Runs the operator's own command that prints a token: no shell, no tokens in its environment, and an end to it."""

import asyncio
import os
import shlex
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from console.credentials.running import begin, stop, wait
from console.credentials.secret import Secret, child_environment, secret_from
from console.errors import NoTokenError, printable

DEADLINE = 10.0
_MOST_OUTPUT = 64 * 1024
_MOST_COMPLAINT = 4 * 1024


def spelled(command: tuple[str, ...]) -> str:
    """The command as a person would type it. Not redacted yet."""
    return shlex.join(command)


async def run_token_command(
    command: tuple[str, ...],
    *,
    environ: Mapping[str, str],
    clean: Callable[[str], str],
    deadline: float = DEADLINE,
) -> Secret:
    """The first line the command prints. `clean` takes secrets out of what is repeated of the command's own words."""
    named = f"The token command `{printable(clean(spelled(command)), 120)}`"
    hint = "Try it in a shell: it must print a token and nothing else, and ask nothing."
    try:
        async with asyncio.timeout(deadline):
            code, output, complaint = await _run(command, child_environment(environ))
    except FileNotFoundError:
        raise NoTokenError(f"{named} was not found", "Is it installed, and on this PATH?") from None
    except TimeoutError:
        raise NoTokenError(f"{named} did not end within {deadline:g} s and was stopped", hint) from None
    except OSError as error:
        raise NoTokenError(f"{named} could not be started: {error.strerror}", hint) from None
    if len(output) > _MOST_OUTPUT:
        raise NoTokenError(f"{named} printed without end and was stopped", hint)
    if code != 0:
        words = clean(complaint.decode(errors="replace").strip())
        said = f", saying: {printable(' '.join(words.split()), 200)}" if words else ""
        raise NoTokenError(f"{named} ended with code {code}{said}", hint)
    try:
        return secret_from(output.partition(b"\n")[0].decode("ascii", errors="replace"))
    except ValueError as error:
        raise NoTokenError(f"{named} printed no token: {error}", hint) from None


async def _run(command: tuple[str, ...], environ: dict[str, str]) -> tuple[int, bytes, bytes]:
    """Exit code, and what it said up to a limit; whoever says more is stopped."""
    async with _pipe() as (output, output_end), _pipe() as (complaint, complaint_end):
        try:
            process = begin(
                lambda: subprocess.Popen(  # noqa: S603 - the operator's own words
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output_end,
                    stderr=complaint_end,
                    env=environ,
                    # Its own session: it cannot draw over the screen, and its children can be stopped with it.
                    start_new_session=True,
                )
            )
        finally:
            os.close(output_end)
            os.close(complaint_end)
        try:
            said, complained = await asyncio.gather(
                _first(output, _MOST_OUTPUT, lambda: stop(process)), _first(complaint, _MOST_COMPLAINT)
            )
            return await asyncio.to_thread(wait, process), said, complained
        except asyncio.CancelledError:
            stop(process)
            await asyncio.to_thread(wait, process)
            raise


@asynccontextmanager
async def _pipe() -> AsyncIterator[tuple[asyncio.StreamReader, int]]:
    """A pipe of our own: unlike a subprocess's it can be closed while some grandchild still holds the other end."""
    ours, theirs = os.pipe()
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours, "rb"))
    try:
        yield reader, theirs
    finally:
        transport.close()


async def _first(stream: asyncio.StreamReader, limit: int, on_excess: Callable[[], None] = lambda: None) -> bytes:
    """Up to the limit and one byte; the rest is read and dropped, so that nobody waits on a full pipe."""
    kept = bytearray()
    while chunk := await stream.read(8192):
        kept += chunk[: limit + 1 - len(kept)]
        if len(kept) > limit:
            on_excess()
    return bytes(kept)
