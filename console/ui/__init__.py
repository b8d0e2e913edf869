"""What the operator sees: the only code that knows Textual."""

import os

# Textual reads it when it is imported. What changes soon after a paint waits for up to two periods: with its own 60 a
# second, a key pressed then would be seen 33 ms later for that alone.
os.environ.setdefault("TEXTUAL_FPS", "120")
