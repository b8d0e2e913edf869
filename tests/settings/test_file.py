import errno
import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.errors import SettingsError, UsageError
from console.settings.file import add_context, read_config, set_token, use_context
from console.settings.paths import paths, private_directory
from console.settings.reading import load

COMMENTED = """# our consoles
theme = "light"  # in the daytime
default_context = "acme" # the big one

[contexts.acme]
# the organisation
scopes = ["org:acme"]
token = "keyring" # on laptops

[contexts.labs]
scopes = ["org:acme-labs"]

[thresholds]
queued_watch = "45s"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(COMMENTED)
    return path


@pytest.fixture
def no_umask() -> Iterator[None]:
    old = os.umask(0)
    yield
    os.umask(old)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_context_is_added_behind_what_stands_there_already(file: Path) -> None:
    add_context(file, "new", {"api_url": "https://ghe.example.com/api/v3", "scopes": ("org:n",), "token": "env"})
    assert file.read_text().startswith(COMMENTED)
    settings = load(file, {})
    assert settings.contexts["new"].token_from("n") == "env"
    assert settings.default_name == "acme"


def test_a_token_command_survives_quotes_and_backslashes(file: Path) -> None:
    command = ("sh", "-c", 'echo "a\\b"\t# é')
    add_context(file, "new.one", {"scopes": ["org:n"], "token": {"command": command}})
    assert load(file, {}).contexts["new.one"].token_from("n") == command


def test_the_first_context_makes_a_private_file_whatever_the_umask(tmp_path: Path, no_umask: None) -> None:
    file = tmp_path / "a" / "runner-console" / "config.toml"
    add_context(file, "acme", {"scopes": ("org:acme",)})
    assert mode(file) == 0o600
    assert mode(file.parent) == 0o700
    assert load(file, {}).distrust == ""


def test_using_another_context_changes_one_line_and_keeps_its_comment(file: Path) -> None:
    use_context(file, "labs")
    assert file.read_text() == COMMENTED.replace('default_context = "acme" #', 'default_context = "labs" #')


def test_a_missing_default_is_put_first(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[contexts.a]\nscopes = ["org:a"]\n[contexts.b]\n')
    use_context(file, "b")
    assert load(file, {}).default_name == "b"
    assert file.read_text().endswith('[contexts.a]\nscopes = ["org:a"]\n[contexts.b]\n')


def test_the_source_of_a_token_is_changed_in_its_own_line(file: Path) -> None:
    set_token(file, "acme", {"command": ("gh", "auth", "token")})
    new = 'token = { command = ["gh", "auth", "token"] } # on laptops'
    assert file.read_text() == COMMENTED.replace('token = "keyring" # on laptops', new)
    set_token(file, "labs", "env")
    assert load(file, {}).contexts["labs"].token_from("acme-labs") == "env"


@pytest.mark.parametrize(
    "text",
    [
        'x = """\ndefault_context = "a"\n"""\ndefault_context = "a"\ncontexts = { a = {}, b = {} }\n',
        'contexts = { a = {}, b = {} }\n"default_context" = "a"\n',
    ],
)
def test_a_file_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match="safely"):
        use_context(file, "b")
    with pytest.raises(SettingsError, match="safely"):
        add_context(file, "c", {"scopes": ("org:c",)})
    with pytest.raises(UsageError):
        set_token(file, "a", "env")
    assert file.read_text() == text
    assert list(tmp_path.iterdir()) == [file]


def test_a_broken_file_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("theme = \n")
    with pytest.raises(SettingsError, match="line 1"):
        add_context(file, "c", {"scopes": ("org:c",)})
    assert file.read_text() == "theme = \n"


def test_what_exists_is_not_added_and_what_does_not_is_not_used(file: Path) -> None:
    with pytest.raises(UsageError):
        add_context(file, "acme", {})
    with pytest.raises(UsageError):
        use_context(file, "nope")
    assert file.read_text() == COMMENTED


def test_a_disk_without_room_leaves_the_old_file_whole(file: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(SettingsError, match="cannot be written: File too large") as caught:
            use_context(file, "labs")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.hint == "Nothing was changed."
    assert file.read_text() == COMMENTED
    assert list(file.parent.iterdir()) == [file]


def test_a_read_only_file_system_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("console.settings.file._write_whole", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(SettingsError, match="cannot be written: Read-only file system"):
        use_context(file, "labs")


def test_a_write_protected_file_is_left_alone(file: Path) -> None:
    file.chmod(0o400)
    with pytest.raises(SettingsError, match="write-protected"):
        use_context(file, "labs")
    assert file.read_text() == COMMENTED


def test_a_directory_that_cannot_be_flushed_does_not_undo_what_is_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def only_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        flush(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    use_context(file, "labs")
    assert load(file, {}).default_name == "labs"


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(COMMENTED)
    link = tmp_path / "config.toml"
    link.symlink_to(real)
    use_context(link, "labs")
    assert link.is_symlink()
    assert load(real, {}).default_name == "labs"


def test_windows_line_ends_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'default_context = "a"\r\n[contexts.a]\r\n[contexts.b]\r\n')
    use_context(file, "b")
    assert file.read_bytes() == b'default_context = "b"\r\n[contexts.a]\r\n[contexts.b]\r\n'


@pytest.mark.parametrize("who", ["file", "directory"])
def test_commands_of_a_file_that_others_can_change_are_not_trusted(file: Path, who: str) -> None:
    assert read_config(file).distrust == ""
    place = file if who == "file" else file.parent
    place.chmod(place.stat().st_mode | 0o020)
    assert "can be changed by other users" in read_config(file).distrust


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_commands_of_somebody_elses_file_are_not_trusted(file: Path) -> None:
    os.chown(file, 65534, 65534)
    assert "belongs to another user" in read_config(file).distrust


def test_only_an_ordinary_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        read_config(tmp_path)


def test_the_places_follow_the_xdg_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    places = paths()
    assert places.config_file == tmp_path / "CONFIG/runner-console/config.toml"
    assert places.state_dir == tmp_path / "STATE/runner-console"
    assert places.cache_dir == tmp_path / "CACHE/runner-console"
    assert places.log_file.is_relative_to(places.state_dir)


def test_our_own_directories_are_closed_to_others(tmp_path: Path, no_umask: None) -> None:
    made = private_directory(tmp_path / "a" / "b")
    assert (mode(made), mode(made.parent)) == (0o700, 0o700)
    made.chmod(0o755)
    assert mode(private_directory(made)) == 0o700
