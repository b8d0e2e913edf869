"""A mapping under construction that hands out the same immutable copy until something in it really changes."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Facts(Generic[K, V]):
    """Values by key. An equal value does not replace the one that is there, so unchanged facts keep their identity."""

    def __init__(self) -> None:
        self._now: dict[K, V] = {}
        self._copy: Mapping[K, V] | None = None
        self._keys: frozenset[K] | None = None

    def put(self, key: K, value: V) -> None:
        old = self._now.get(key)
        if old is not value and old != value:
            self._now[key] = value
            self._copy = self._keys = None

    def put_all(self, items: Iterable[tuple[K, V]]) -> None:
        for key, value in items:
            self.put(key, value)

    def drop(self, key: K) -> V | None:
        """The value that was there, or None."""
        if key not in self._now:
            return None
        self._copy = self._keys = None
        return self._now.pop(key)

    def get(self, key: K) -> V | None:
        return self._now.get(key)

    def __contains__(self, key: K) -> bool:
        return key in self._now

    def __iter__(self) -> Iterator[K]:
        return iter(tuple(self._now))

    def __len__(self) -> int:
        return len(self._now)

    def items(self) -> tuple[tuple[K, V], ...]:
        """As of now: changing the facts while going through them is safe."""
        return tuple(self._now.items())

    def keys(self) -> frozenset[K]:
        """What is there now, the same set for as long as nothing changes."""
        if self._keys is None:
            self._keys = frozenset(self._now)
        return self._keys

    def frozen(self) -> Mapping[K, V]:
        """What is known now, never to change again."""
        if self._copy is None:
            self._copy = MappingProxyType(dict(self._now))
        return self._copy
