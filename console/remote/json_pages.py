"""Pages of JSON into models; it knows none of GitHub's fields but `total_count` and `id`.

A page is decoded as a whole. Only when that fails is it taken apart, so that an item which cannot be understood is set
aside and counted while the rest is shown.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from console.errors import NotJsonError
from console.fleet.page import Page
from console.remote.sanitize import text

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Time = Annotated[datetime, msgspec.Meta(tz=True)]

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# Half of a surrogate pair; escaped backslashes and whole pairs are passed over.
_HALVES = re.compile(rb"(\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u[dD][89a-fA-F]..")


def usable(at: datetime | None) -> datetime | None:
    """A time that can be reckoned with; None for one like the year 1, with which some servers say "never"."""
    return at if at is not None and 1970 <= at.year <= 2200 else None


class NotUnderstoodError(Exception):
    """An item that decodes but cannot be used."""


class IdWire(msgspec.Struct):
    """What nearly everything has."""

    id: Id


def _is_clean(body: bytes) -> bool:
    """No string in this JSON can hold anything but printable ASCII: JSON forbids bare control characters."""
    return body.isascii() and b"\\" not in body and b"\x7f" not in body


def _sanitised(value: object) -> object:
    """Every string of a wire value made harmless, in place; whatever field it is in, so that none can be forgotten."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [_sanitised(item) for item in value]
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            setattr(value, field, _sanitised(getattr(value, field)))
    return value


W = TypeVar("W", bound=msgspec.Struct)
M = TypeVar("M")


def _page_decoder(key: str | None, wire: type[W]) -> msgspec.json.Decoder[Any]:
    items = list[wire]  # type: ignore[valid-type]  # a type made at run time
    if key is None:
        return msgspec.json.Decoder(items)
    envelope = msgspec.defstruct(
        "Envelope", [("items", items), ("total_count", Id | None, None)], rename={"items": key}
    )
    return msgspec.json.Decoder(envelope)


class Reader(Generic[W, M]):
    """Reads one kind of thing: alone, or a page of them under `key` (None: the page is a bare list)."""

    def __init__(self, key: str | None, wire: type[W], model: Callable[[W, str], M]) -> None:
        self._key = key
        self._model = model
        self._item = msgspec.json.Decoder(wire)
        self._whole = _page_decoder(key, wire)

    def one(self, body: bytes, place: str) -> M:
        """A single thing. Raises NotJsonError when it is something else."""
        try:
            wire = self._item.decode(body)
            _sanitised(wire)
            return self._model(wire, place)
        except (*UNREADABLE, NotUnderstoodError):
            raise not_github(body) from None

    def page(self, body: bytes, place: str) -> Page[M]:
        """A page. Raises NotJsonError when it is no page at all."""
        clean = _is_clean(body)
        try:
            whole = self._whole.decode(body)
            wires, total = (whole, None) if self._key is None else (whole.items, whole.total_count)
            if not clean:
                _sanitised(wires)
            model = self._model
            return Page(tuple([model(wire, place) for wire in wires]), total)
        except (*UNREADABLE, NotUnderstoodError):
            return self._item_by_item(body, place)

    def _item_by_item(self, body: bytes, place: str) -> Page[M]:
        total, raws = self._apart(_mended(body))
        models: list[M] = []
        unreadable: list[int] = []
        for raw in raws:
            try:
                wire = self._item.decode(raw)
                _sanitised(wire)
                models.append(self._model(wire, place))
            except (*UNREADABLE, NotUnderstoodError):
                unreadable += _id_of(raw)
        return Page(tuple(models), total, set_aside=len(raws) - len(models), unreadable=tuple(unreadable))

    def _apart(self, body: bytes) -> tuple[int | None, list[msgspec.Raw]]:
        try:
            if self._key is None:
                return None, msgspec.json.decode(body, type=list[msgspec.Raw])
            parts = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
            raws = msgspec.json.decode(parts[self._key], type=list[msgspec.Raw])
        except (*UNREADABLE, KeyError):
            raise not_github(body) from None
        try:
            return msgspec.json.decode(parts.get("total_count", b"null"), type=Id | None), raws
        except UNREADABLE:
            return None, raws


def _id_of(raw: msgspec.Raw) -> list[int]:
    """The id of an item that could not be understood, if at least that can be read."""
    try:
        return [msgspec.json.decode(raw, type=IdWire).id]
    except UNREADABLE:
        return []


def _mended(body: bytes) -> bytes:
    """What is no Unicode becomes replacement characters: it must not cost the whole page."""
    body = body.decode("utf-8", "replace").removeprefix("\ufeff").encode()
    return _HALVES.sub(lambda found: found[1] or rb"\ufffd", body)


def not_github(body: bytes) -> NotJsonError:
    """What to say of a body that is not what GitHub sends."""
    start = body[:200].lstrip().lower()
    if start.startswith(b"<"):
        seen = "a web page"
    elif not start:
        seen = "nothing"
    else:
        seen = "something else, or an answer cut short"
    return NotJsonError(
        f"The answer is not GitHub's JSON but {seen}",
        "A proxy or a sign-in page may stand in between, or the API address is wrong "
        "(GitHub Enterprise Server: https://HOST/api/v3).",
    )
