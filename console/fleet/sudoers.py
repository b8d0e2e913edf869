"""What an operator's sudo has to allow on hosts: the command lines that are sent, and no others."""

_WHERE = "As root on that host, in a file of its own made with `visudo -f /etc/sudoers.d/runner-console`"
SUDOERS = (
    f"{_WHERE} (sudo 1.9.10 or later; `ops` is the group of those who may):\n"
    r"%ops ALL=(root) NOPASSWD: /usr/bin/systemctl "
    r"^(start|restart|stop) -- actions\.runner\.[A-Za-z0-9_.@:-]+\.service$"
)
"""The regular form matches these words and nothing behind them. A `*` would match more words, and so any unit."""

_VERBS = ("start", "restart", "stop")


def for_units(*units: str) -> str:
    """The same for a sudo older than 1.9.10, which knows no regular expressions: each unit's exact command lines."""
    lines = (f"/usr/bin/systemctl {verb} -- {unit}" for unit in units for verb in _VERBS)
    return "%ops ALL=(root) NOPASSWD: " + ", ".join(line.replace(":", r"\:") for line in lines)


def as_user(user: str) -> str:
    """For what is done as a runner's own user: a registration, room on its disk. It is that user's rights, whole."""
    return f"%ops ALL=({user}) NOPASSWD: /bin/bash -s"


def told_as_user(user: str) -> str:
    """The same, with where it goes."""
    return f"{_WHERE} (`ops` is the group of those who may):\n{as_user(user)}"
