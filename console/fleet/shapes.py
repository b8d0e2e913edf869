"""Types whose values are read in several threads."""

import threading
from functools import cache

import msgspec

_learning = threading.Lock()


def ready(shape: object) -> None:
    """Before values of that type are read in a thread: until msgspec knows all of it, nobody else goes on.

    It learns a type when it is first used, and a second thread that meets a type half learned ends the whole program.
    """
    with _learning:
        _learn(shape)


@cache
def _learn(shape: object) -> None:
    msgspec.msgpack.Decoder(shape)
