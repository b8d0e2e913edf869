"""The signatures that are in use: what comes with the console, and the user's own."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from console.fleet.overlap import overshadowed, takes_from
from console.fleet.signature_rules import Complaint, Read, read_catalogue
from console.fleet.signatures import Catalogue, shipped_catalogue
from console.settings.own_signatures import OwnFiles, own_signature_files, read_files

GUIDED_ACTIONS: frozenset[str] = frozenset()
"""The ids that a signature may name. There is none yet."""


class InUse(NamedTuple):
    """A catalogue, and what of the user's own files is not in it and why."""

    catalogue: Catalogue
    complaints: tuple[Complaint, ...]
    notes: tuple[Complaint, ...] = ()
    """What is in it, and may not be meant so."""


def whole_catalogue() -> InUse:
    """A broken file of the user's stops nothing: the rest is used. Reads files: call it in a thread."""
    return _joined(own_signature_files())


def checked(files: list[Path]) -> InUse:
    """These files of signatures, or all of the user's own where none is named, held to every rule.

    Beside what refuses a signature, it is told where another one, finished or not, takes its example lines away.
    """
    own = read_files(files) if files else own_signature_files()
    read = _read(own)
    known = [(each, each.signature) for each in read.checked if each.signature is not None]
    usable = [signature for each, signature in known if not each.faults]
    drafts = [signature for each, signature in known if each.faults]
    every = Catalogue((*read.catalogue.signatures, *drafts))
    complaints = [
        Complaint(each.file, each.id, text)
        for each in read.checked
        for text in (*each.faults, *(overshadowed(every, each.signature) if each.signature else ()))
    ]
    notes = [
        Complaint(each.file, each.id, f"takes lines of {other}; with a larger number as its priority it does not")
        for each, signature in known
        if not each.faults
        for other in takes_from(read.catalogue, signature)
    ]
    return InUse(Catalogue(tuple(usable)), _in_order(own, complaints), tuple(notes))


def _joined(own: OwnFiles) -> InUse:
    if not own.texts:
        return InUse(shipped_catalogue(), _in_order(own, ()))
    read = _read(own)
    return InUse(read.catalogue, _in_order(own, read.complaints))


def _read(own: OwnFiles) -> Read:
    return read_catalogue(own.texts, GUIDED_ACTIONS, shipped_catalogue())


def _in_order(own: OwnFiles, complaints: Iterable[Complaint]) -> tuple[Complaint, ...]:
    """With the files that could not be read, as they were named."""
    unread = (Complaint(name, "", why) for name, why in own.unreadable.items())
    return tuple(sorted((*unread, *complaints), key=lambda each: own.order.index(each.file)))
