"""Questions that return a value."""
