"""Widgets of our own: virtual, they draw only what is in view."""
