"""The files of signatures that users add: as bytes, and why one of them could not be read."""

from pathlib import Path
from typing import NamedTuple

from console.settings.paths import paths

MOST_BYTES = 1_000_000


class OwnFiles(NamedTuple):
    """Contents and reasons, both by the name of the file."""

    texts: dict[str, bytes]
    unreadable: dict[str, str]
    order: tuple[str, ...]
    """All of both, as they were named."""


def own_signature_files() -> OwnFiles:
    """All of the user's own directory of signatures; nothing where there is none."""
    return files_in(paths().signatures_dir, ".toml")


def files_in(folder: Path, ending: str) -> OwnFiles:
    """The files of a directory whose names end so; nothing where there is none."""
    try:
        found = sorted(file for file in folder.iterdir() if file.suffix == ending)
    except FileNotFoundError:
        return OwnFiles({}, {}, ())
    except OSError as error:
        return OwnFiles({}, {str(folder): f"cannot be read: {error.strerror}"}, (str(folder),))
    return read_files(found)


def read_files(files: list[Path]) -> OwnFiles:
    """These files, as far as they can be read and are no larger than such a file can sensibly be."""
    texts, unreadable = dict[str, bytes](), dict[str, str]()
    for file in files:
        try:
            if file.is_symlink() and not file.exists():
                unreadable[str(file)] = "is a link to nothing"
                continue
            if file.exists() and not file.is_file():
                unreadable[str(file)] = "is no file"
                continue
            with file.open("rb") as opened:
                text = opened.read(MOST_BYTES + 1)
        except OSError as error:
            unreadable[str(file)] = f"cannot be read: {error.strerror}"
            continue
        if len(text) > MOST_BYTES:
            unreadable[str(file)] = "is larger than 1 MB"
        else:
            texts[str(file)] = text
    return OwnFiles(texts, unreadable, tuple(map(str, files)))
