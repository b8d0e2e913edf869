"""The signatures that are in use: what comes with the console, and the user's own."""

from pathlib import Path
from typing import NamedTuple

from console.fleet.overlap import overshadowed
from console.fleet.signatures import Catalogue, Complaint, read_catalogue, shipped_catalogue
from console.settings.own_signatures import OwnFiles, own_signature_files, read_files

GUIDED_ACTIONS: frozenset[str] = frozenset()
"""The ids that a signature may name. There is none yet."""


class InUse(NamedTuple):
    """A catalogue, and what of the user's own files is not in it and why."""

    catalogue: Catalogue
    complaints: tuple[Complaint, ...]


def whole_catalogue() -> InUse:
    """A broken file of the user's stops nothing: the rest is used. Reads files: call it in a thread."""
    return _joined(own_signature_files())


def checked(files: list[Path]) -> InUse:
    """These files of signatures, or all of the user's own where none is named, held to every rule.

    Beside what refuses a signature, it is told where another one takes its example lines away.
    """
    read = read_files(files) if files else own_signature_files()
    joined = _joined(read)
    shipped = shipped_catalogue().by_id
    own = [each for each in joined.catalogue.signatures if each.id not in shipped]
    return InUse(Catalogue(tuple(own)), (*joined.complaints, *overshadowed(joined.catalogue, own)))


def _joined(own: OwnFiles) -> InUse:
    catalogue, complaints = read_catalogue(own.texts, GUIDED_ACTIONS, shipped_catalogue())
    unread = (Complaint(name, "", why) for name, why in own.unreadable.items())
    in_order = sorted((*unread, *complaints), key=lambda each: own.order.index(each.file))
    return InUse(catalogue if own.texts else shipped_catalogue(), tuple(in_order))
