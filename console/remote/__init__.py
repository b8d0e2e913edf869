"""The outside world: the only code that leaves this machine."""
