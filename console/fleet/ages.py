"""How spans of time are worded."""

from datetime import timedelta


def age(span: timedelta) -> str:
    """`4 s`, `14 min`, `3 h 05`, `2 d`; rounded down, never negative."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 48:
        return f"{hours} h {minutes % 60:02}"
    return f"{hours // 24} d"


def in_seconds(span: timedelta) -> str:
    """Like `age`, but in seconds up to ten minutes: for what is held against a threshold."""
    return f"{max(int(span.total_seconds()), 0)} s" if span < timedelta(minutes=10) else age(span)
