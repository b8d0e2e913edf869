"""What takes the room of a runner's disk, out of what the script `directory-sizes` says."""

import re
from collections.abc import Iterable

from console.fleet.frames import Frame
from console.fleet.host_facts import disks_of
from console.fleet.hosts import DirectorySize, DiskUse, Located
from console.fleet.scripts import fits

_LINE = re.compile(r"(\d{1,15})\s+(\S+)", re.ASCII)


def disk_use(frames: Iterable[Frame], located: Located) -> DiskUse:
    """Only names that the script which removes takes."""
    said = {frame.fields[0]: frame.data for frame in frames if frame.word == "fact" and frame.fields}
    text = {key: data.decode("utf-8", "replace").strip() for key, data in said.items()}
    found = (_LINE.fullmatch(line.strip()) for line in text.get("sizes", "").splitlines())
    sizes = [DirectorySize(each[2], int(each[1]) * 1024) for each in found if each and fits("below", each[2])]
    return DiskUse(disks_of(located, text), tuple(sorted(sizes, key=lambda each: -each.size)))
