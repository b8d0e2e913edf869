"""The outside world: the only code that leaves this machine."""

import sys

# httpx brings a command line of its own, and for it loads rich, pygments and click wherever they are installed. An
# entry of None makes that import fail, which httpx takes in its stride, and it loads in half the time.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is how Python says "not to be imported"
