"""Keyrings of which a test knows what they do."""

import threading


class MemoryBackend:
    """Keeps everything in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str, /) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str, /) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str, /) -> None:
        del self.kept[service, username]


class ForgetfulBackend(MemoryBackend):
    """Says yes and keeps nothing."""

    def set_password(self, service: str, username: str, password: str, /) -> None:
        pass

    def delete_password(self, service: str, username: str, /) -> None:
        pass


class LockedBackend(MemoryBackend):
    """Repeats the secret in its complaint, as a careless library might."""

    def get_password(self, service: str, username: str, /) -> str | None:
        raise LookupError("the collection is locked\x1b[2J")

    def set_password(self, service: str, username: str, password: str, /) -> None:
        raise LookupError(f"cannot store {password}")


class HangingBackend(MemoryBackend):
    """Answers when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def get_password(self, service: str, username: str, /) -> str | None:
        self.let_go.wait()
        return super().get_password(service, username)


def patience(backend: MemoryBackend) -> float:
    """Seconds: one that answers is given all the time that a busy machine takes."""
    return 0.2 if isinstance(backend, HangingBackend) else 60.0
