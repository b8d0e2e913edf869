"""The only place that chooses real or simulated parts and joins them."""

import logging

# Without --debug nobody keeps a log; what goes nowhere else would be written across the screen.
logging.getLogger("console").addHandler(logging.NullHandler())
