"""What an operator's sudo has to allow on hosts: the command lines that are sent, and no others."""

SUDOERS = (
    "As root on that host, in a file of its own made with `visudo -f /etc/sudoers.d/runner-console`"
    " (sudo 1.9.10 or later; `ops` is the group of those who may):\n"
    r"%ops ALL=(root) NOPASSWD: /usr/bin/systemctl ^(start|restart|stop) -- actions\.runner\.[A-Za-z0-9_.@:-]+\.service$"
)
"""The regular form matches these words and nothing behind them. A `*` would match more words, and so any unit."""
