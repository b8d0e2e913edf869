"""What a worker left behind on a host: lists it, and copies it into a file on this machine."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from console.errors import HostError, LogError, printable
from console.fleet.hosts import Leftover, Located
from console.fleet.scripts import SCRIPTS, fits
from console.fleet.words import several
from console.operations.interfaces import Hosts
from console.operations.logs import Salvaged

MEGABYTE = 1024 * 1024
_BOM = b"\xef\xbb\xbf"


async def leftovers(hosts: Hosts, located: Located) -> tuple[Leftover, ...]:
    """The files in `_diag/pages` and `_diag/blocks`; raises HostError kinds."""
    answer = await hosts.ask(located.host, SCRIPTS["leftovers"], located.directory)
    found = []
    for frame in answer.frames:
        match frame.word, frame.fields:
            case "left", (name, size, written) if (
                fits("page-file", name) and fits("number", size) and fits("number", written)
            ):
                found.append(Leftover(name, int(size), datetime.fromtimestamp(min(int(written), 2**35), UTC)))
    return tuple(found)


def _record(name: str) -> str:
    """The timeline and record that a file belongs to, whatever its number."""
    return name.removesuffix(".log")[:73]


def _number(name: str) -> int:
    return int(name.removesuffix(".log")[74:])


def chosen(found: Iterable[Leftover]) -> list[tuple[str, list[Leftover]]]:
    """Of each record its pages or its blocks, whichever hold more: both have the same text, once each."""
    records: dict[str, dict[bool, list[Leftover]]] = {}
    for file in found:
        of_record = records.setdefault(_record(file.name), {True: [], False: []})
        of_record[file.name.endswith(".log")].append(file)
    best = {
        record: max(kinds.values(), key=lambda files: sum(f.size for f in files)) for record, kinds in records.items()
    }
    return [(record, sorted(files, key=lambda file: _number(file.name))) for record, files in best.items()]


async def salvage(hosts: Hosts, located: Located, to: Path) -> Salvaged:
    """Into a new file that only its owner may read. Raises HostError kinds, and LogError where it cannot be written."""
    records = chosen(await leftovers(hosts, located))
    if not records:
        raise LogError("Nothing was left behind there", f"No job output lies in {located.directory}/_diag.")
    try:
        file = os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")
    except OSError as error:
        raise LogError(f"{printable(str(to))} cannot be written: {error.strerror}", "Name another file.") from None
    with file:
        return await _copy(hosts, located, records, to, file)


async def _copy(
    hosts: Hosts, located: Located, records: Sequence[tuple[str, list[Leftover]]], to: Path, file: BinaryIO
) -> Salvaged:
    files = size = 0
    troubles: list[str] = []
    for record, parts in records:
        latest = max(part.written_at for part in parts)
        size += await _write(file, to, f"===== {record}, written {latest:%Y-%m-%d %H:%M:%S}Z =====\n".encode())
        for part in parts:
            try:
                size += await _copy_file(hosts, located, part, file, to)
                files += 1
            except HostError as error:
                troubles.append(f"{part.name}: {error.message.rstrip('.')}")
        size += await _write(file, to, b"\n")
    more = f", and {several(len(troubles) - 3, 'more file')}" if len(troubles) > 3 else ""
    return Salvaged(to, files, size, f"{'; '.join(troubles[:3])}{more}" if troubles else "")


async def _copy_file(hosts: Hosts, located: Located, part: Leftover, file: BinaryIO, to: Path) -> int:
    """A megabyte at a time, up to the size that it had, and what has been added meanwhile to the last one."""
    written = 0
    for number in range(part.size // MEGABYTE + 1):
        answer = await hosts.ask(located.host, SCRIPTS["leftover"], located.directory, part.name, str(number))
        data = next((frame.data for frame in answer.frames if frame.word == "bytes"), None)
        if data is None:
            raise HostError("it is not there any more, or may not be read")
        written += await _write(file, to, data.removeprefix(_BOM) if number == 0 else data)
        if len(data) < MEGABYTE:
            break
    return written


async def _write(file: BinaryIO, to: Path, data: bytes) -> int:
    try:
        return await asyncio.to_thread(file.write, data)
    except OSError as error:
        raise LogError(
            f"{printable(str(to))} cannot be written: {error.strerror}", "Make room, or name another file."
        ) from None
