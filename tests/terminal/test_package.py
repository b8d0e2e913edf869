"""The package as it is installed: the wheel in an empty environment, and nothing loaded before it is needed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.terminal.terminal import COMMAND, Terminal, environment

ROOT = Path(__file__).parent.parent.parent
HEAVY = ("textual", "rich", "httpx", "pydantic", "keyring", "msgspec", "uvicorn", "starlette", "asyncio")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_carries_themes_styles_and_licence_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"console/themes/dark.toml", "console/ui/style.tcss", "console/py.typed"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "screenshots"))]


def test_the_wheel_in_an_empty_environment_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(place), "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-compile", str(wheel)], check=True, capture_output=True)
    command = str(place / "bin" / "runner-console")
    shown = subprocess.run(
        [command, "--version"], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert "runner-console" in shown.stdout
    with Terminal([command, "demo"], tmp_path) as terminal:
        terminal.wait_for("prod-linux-03", 60)
        terminal.send("q")
        assert terminal.exit_code() == 0


def modules_after(arguments: list[str], home: Path, names: tuple[str, ...]) -> set[str]:
    """Which of these modules the command line has loaded when it is done."""
    script = (
        "import sys; sys.argv = ['runner-console', *sys.argv[1:]]\n"
        "from console.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"sys.stderr.write('LOADED ' + ' '.join(name for name in {names!r} if name in sys.modules))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments], env=environment(home), capture_output=True, text=True, check=True
    )
    return set(ended.stderr.rpartition("LOADED ")[2].split())


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(argument: str, tmp_path: Path) -> None:
    assert modules_after([argument], tmp_path, HEAVY) == set()


@pytest.mark.parametrize("command", ["now", "runners", "jobs"])
def test_the_json_commands_load_neither_screen_nor_keyring(command: str, tmp_path: Path) -> None:
    config = tmp_path / "config" / "runner-console" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[contexts.a]\napi_url = "http://127.0.0.1:9"\nscopes = ["org:acme"]\ntoken = "env"\n')
    unwanted = ("textual", "rich", "pygments", "keyring", "uvicorn", "starlette", "console.ui")
    assert modules_after([command, "--json"], tmp_path, unwanted) == set()


def test_the_first_paint_comes_before_settings_network_and_keyring_and_before_what_judges(tmp_path: Path) -> None:
    """What is loaded when the program has drawn for the first time."""
    script = """
import sys
from console.__main__ import main
from console.ui import app

def stop(self):
    unwanted = {"httpx", "keyring", "pydantic", "uvicorn", "starlette", "ahocorasick_rs", "console.fleet.inquiry"}
    loaded = sorted(unwanted & sys.modules.keys())
    self.exit(message="LOADED " + " ".join(loaded) + ".")

app.ConsoleApp.on_mount = stop
sys.argv = ["runner-console"]
main()
"""
    program = tmp_path / "first.py"
    program.write_text(script)
    with Terminal([sys.executable, str(program)], tmp_path) as terminal:
        terminal.exit_code()
        assert "LOADED ." in terminal.text


def test_modules_lying_about_in_the_working_directory_are_not_taken_for_ours(tmp_path: Path) -> None:
    for name in ("httpx", "keyring", "click", "textual"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from the working directory')")
    ended = subprocess.run(
        [COMMAND, "info"], cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert "taken from" not in ended.stdout + ended.stderr
    assert ended.returncode == 0
