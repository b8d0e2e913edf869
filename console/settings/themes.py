"""The names of the themes that come with the console; what they look like is the screen's business."""

from functools import cache
from importlib.resources import files

_ENDING = ".toml"


@cache
def theme_names() -> tuple[str, ...]:
    """In alphabetical order."""
    found = (file.name for file in (files("console") / "themes").iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in found if name.endswith(_ENDING)))
