"""One page of a list, as GitHub answers."""

from typing import Generic, TypeVar

import msgspec

T_co = TypeVar("T_co", covariant=True)


class Page(msgspec.Struct, Generic[T_co], frozen=True):
    """`items` is the very same tuple as last time when nothing on the page has changed."""

    items: tuple[T_co, ...]
    total: int | None
    """What the server says the whole list holds; None where it does not say."""
    set_aside: int = 0
    """Items of this page that could not be understood."""
    unreadable: tuple[int, ...] = ()
    """The ids of those, where at least these could be read: they are there, whatever they are."""
    partial: str = ""
    """Why the list is shorter than the truth, in words; empty when nothing says that it is."""
