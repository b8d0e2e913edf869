import json
from pathlib import Path

import pytest

from console.fleet.signatures import shipped_catalogue
from tests.cli.commands import Terminal
from tests.cli.test_scan import OWN


@pytest.fixture
def own(config: Path) -> Path:
    folder = config.parent / "signatures"
    folder.mkdir()
    (folder / "house.toml").write_text(OWN)
    return folder


def test_every_signature_is_listed_the_users_own_too(terminal: Terminal, own: Path) -> None:
    lines = terminal("signatures", "list").out.splitlines()
    assert len(lines) == 1 + len(shipped_catalogue().signatures) + 1
    assert lines[-1].split() == ["house.proxy", "error", "never", "The", "proxy", "is", "closed", "job-log"]
    listed = json.loads(terminal("signatures", "list", "--json").out)["signatures"]
    assert listed[-1]["id"] == "house.proxy"
    assert len(listed) == len(lines) - 1


def test_one_signature_is_shown_whole(terminal: Terminal, own: Path) -> None:
    ended = terminal("signatures", "show", "house.proxy")
    assert ended.code == 0
    for said in ("house.proxy", "The proxy is closed", "house proxy says: closed", "our own proxy", "job-log"):
        assert said in ended.out
    shown = json.loads(terminal("signatures", "show", "--json", "house.proxy").out)
    assert shown["examples"] == ["house proxy says: closed"]
    assert shown["unless"] is None
    assert "unless" not in ended.out


def test_a_misspelt_id_is_answered_with_the_nearest(terminal: Terminal, own: Path) -> None:
    ended = terminal("signatures", "show", "house.proxi")
    assert ended.code == 2
    assert "Did you mean house.proxy?" in ended.err


def test_ones_own_signatures_are_checked_by_file_and_id(terminal: Terminal, own: Path) -> None:
    ended = terminal("signatures", "check")
    assert (ended.code, ended.out) == (0, f"ok: 1 signature of your own in {own}\n")
    (own / "second.toml").write_text(OWN.replace("where", "were") + OWN)
    ended = terminal("signatures", "check")
    assert ended.code == 1
    assert f"wrong: {own / 'second.toml'}: house.proxy: there is no key “were”; did you mean “where”?" in ended.out
    assert f"wrong: {own / 'second.toml'}: house.proxy: there is another of this id" in ended.out
    assert ended.out.endswith(f"usable: 1 signature of your own in {own}\n")


def test_named_files_are_checked_instead_and_may_be_anywhere(terminal: Terminal, own: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(OWN.replace("house proxy says", "No space left on device").replace(": closed", ""))
    ended = terminal("signatures", "check", str(file), str(tmp_path / "none.toml"), "--json")
    assert ended.code == 1
    told = json.loads(ended.out)
    assert (told["ok"], told["signatures"]) == (False, ["house.proxy"])
    assert {each["id"] for each in told["complaints"]} == {None, "house.proxy"}
    assert "is taken by host.disk-full" in told["complaints"][0]["message"]
    assert told["complaints"][0]["file"] == str(file)
    assert "No such file" in told["complaints"][1]["message"]


def test_one_check_tells_every_fault_of_a_signature_also_that_another_takes_its_lines(
    terminal: Terminal, own: Path
) -> None:
    disk = OWN.replace("house proxy says", "No space left on device").replace(": closed", "")
    (own / "house.toml").unlink()
    (own / "disk.toml").write_text(disk.replace('title = "The proxy is closed"', "").replace('"error"', '"bad"'))
    *wrong, usable = terminal("signatures", "check").out.splitlines()
    found = [line.removeprefix(f"wrong: {own / 'disk.toml'}: house.proxy: ").partition(":")[0] for line in wrong]
    assert found == ["title is missing", "severity", "example 1 is taken by host.disk-full"]
    assert usable.startswith("usable: 0 signatures")


def test_a_signature_that_takes_the_lines_of_another_is_noted_and_in_order(terminal: Terminal, own: Path) -> None:
    disk = OWN.replace("house proxy says", "No space left on device").replace(": closed", "")
    (own / "house.toml").write_text(f"{disk}priority = 1\n")
    ended = terminal("signatures", "check")
    note, ok = ended.out.splitlines()
    assert note.startswith(f"note: {own / 'house.toml'}: house.proxy: takes lines of host.disk-full; ")
    assert (ended.code, ok[:3]) == (0, "ok:")
    (told,) = json.loads(terminal("signatures", "check", "--json").out)["notes"]
    assert told["id"] == "house.proxy"


def test_a_link_to_nothing_is_told_as_one(terminal: Terminal, own: Path) -> None:
    (own / "gone.toml").symlink_to(own / "nowhere")
    ended = terminal("signatures", "check")
    assert f"wrong: {own / 'gone.toml'}: is a link to nothing" in ended.out


def test_what_is_wrong_is_told_in_the_order_of_the_files(terminal: Terminal, own: Path) -> None:
    (own / "a.toml").write_text("[[signature]")
    (own / "b.toml").mkdir()
    (own / "c.toml").write_text("[[signature]")
    told = [
        line.split(": ")[1] for line in terminal("signatures", "check").out.splitlines() if line.startswith("wrong")
    ]
    assert told == [str(own / name) for name in ("a.toml", "b.toml", "c.toml")]


def test_without_any_of_ones_own_there_is_nothing_wrong(terminal: Terminal) -> None:
    ended = terminal("signatures", "check")
    assert ended.code == 0
    assert "ok: 0 signatures of your own" in ended.out


def test_the_example_of_the_documentation_is_in_order(terminal: Terminal, own: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "signatures.md").read_text(encoding="utf-8")
    example = text.partition("```toml\n[[signature]]")[2].partition("```")[0]
    (own / "house.toml").write_text(f"[[signature]]{example}")
    ended = terminal("signatures", "check")
    assert ended.out == f"ok: 1 signature of your own in {own}\n"
