import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from console.settings.reading import load
from tests.cli.commands import Terminal


def test_a_good_configuration_is_ok(terminal: Terminal, config: Path) -> None:
    config.write_text('[contexts.a]\nscopes = ["org:acme"]\n')
    ended = terminal("config", "check")
    assert (ended.code, ended.out) == (0, f"ok: {config}\n")


def test_without_a_file_the_check_says_so_and_how_to_make_a_context(terminal: Terminal, config: Path) -> None:
    ended = terminal("config", "check")
    assert ended.code == 2
    assert "no such file yet" in ended.out
    assert "No context is configured yet" in ended.out
    assert "`runner-console auth login`" in ended.out
    assert ended.out.splitlines()[-1] == f"Not usable: {config}"


def test_a_context_that_gives_nothing_to_look_at_is_not_called_good(terminal: Terminal, config: Path) -> None:
    config.write_text("[contexts.a]\n")
    ended = terminal("config", "check")
    assert ended.code == 2
    assert "wrong: contexts.a: names neither scopes nor repositories" in ended.out


def test_an_owner_without_a_token_is_warned_of(terminal: Terminal, config: Path) -> None:
    config.write_text('[contexts.a]\nscopes = ["org:acme", "org:labs"]\ntoken = { acme = "env" }\n')
    terminal.environ["GH_TOKEN"] = "ghp_x"
    ended = terminal("config", "check")
    assert ended.code == 0
    assert "warning: contexts.a.token: The context names no token for labs" in ended.out


@pytest.mark.parametrize("token", ['"env"', '{ acme = "env" }'])
def test_a_context_whose_tokens_are_in_no_variable_can_look_at_nothing(
    terminal: Terminal, config: Path, token: str
) -> None:
    config.write_text(f'[contexts.a]\nscopes = ["org:acme", "org:labs"]\ntoken = {token}\n')
    ended = terminal("config", "check")
    assert ended.code == 2
    assert "wrong: contexts.a.token: No variable holds a token for https://api.github.com" in ended.out
    assert "Set RUNNER_CONSOLE_TOKEN or GH_TOKEN or GITHUB_TOKEN" in ended.out
    assert ended.out.splitlines()[-1] == "Not usable: contexts.a.token"
    terminal.environ["GITHUB_TOKEN"] = "ghp_x"
    assert terminal("config", "check").code == 0


def test_a_token_that_another_context_lacks_is_only_warned_of(terminal: Terminal, config: Path) -> None:
    contexts = '[contexts.a]\nscopes = ["org:acme"]\n[contexts.b]\nscopes = ["org:acme"]\ntoken = "env"\n'
    config.write_text(contexts)
    ended = terminal("config", "check")
    assert ended.code == 0
    assert "warning: contexts.b.token: No variable holds a token" in ended.out
    assert terminal("--context", "b", "config", "check").code == 2


def test_a_wrong_variable_is_blamed_and_not_the_file(terminal: Terminal, config: Path) -> None:
    config.write_text('[contexts.a]\nscopes = ["org:acme"]\n')
    terminal.environ["RUNNER_CONSOLE_LOOK_EVERY"] = "often"
    ended = terminal("config", "check")
    assert (ended.code, ended.out.splitlines()[-1]) == (2, "Not usable: RUNNER_CONSOLE_LOOK_EVERY")
    config.write_text("bell = 3\n")
    assert terminal("config", "check").out.splitlines()[-1] == f"Not usable: {config}, RUNNER_CONSOLE_LOOK_EVERY"


def test_the_check_is_about_the_context_that_was_asked_for(terminal: Terminal, config: Path) -> None:
    config.write_text('[contexts.acme]\nscopes = ["org:acme"]\n')
    ended = terminal("--context", "acne", "config", "check")
    assert ended.code == 2
    assert "--context: There is no context “acne” (Did you mean acme?" in ended.out


def test_all_that_is_wrong_is_listed_and_the_exit_code_is_2(terminal: Terminal, config: Path) -> None:
    config.write_text('lok_every = "20s"\nbell = 7\n')
    terminal.environ["RUNNER_CONSOLE_MOUSE"] = "perhaps"
    ended = terminal("config", "check")
    assert ended.code == 2
    assert [line.split(":")[1].strip() for line in ended.out.splitlines()[:3]] == [
        "lok_every",
        "bell",
        "RUNNER_CONSOLE_MOUSE",
    ]
    told = json.loads(terminal("config", "check", "--json").out)
    assert told["ok"] is False
    assert {"place": "lok_every", "message": "there is no such setting", "hint": "did you mean look_every?"} in told[
        "complaints"
    ]


def test_a_file_that_others_can_change_is_warned_of(terminal: Terminal, config: Path) -> None:
    config.write_text("")
    config.chmod(0o666)
    assert "token commands will not be run" in terminal("config", "check").out


def test_broken_toml_ends_every_command_that_needs_it_with_line_and_column(terminal: Terminal, config: Path) -> None:
    config.write_text("theme =\n")
    for command in (("auth", "status"), ("context", "list"), ("now",)):
        ended = terminal(*command)
        assert ended.code == 2
        assert "line 1, column 8" in ended.err
        assert "Traceback" not in ended.err
    assert config.read_text() == "theme =\n"


def test_the_schema_is_json_schema(terminal: Terminal) -> None:
    Draft202012Validator.check_schema(json.loads(terminal("config", "schema").out))


def test_contexts_are_added_listed_and_chosen(terminal: Terminal, config: Path) -> None:
    assert terminal("context", "list").out == ""
    assert terminal("context", "add", "one", "--scope", "acme", "--repository", "acme/*").code == 0
    two = ("context", "add", "two", "--scope", "org:b", "--token-command", "gh auth token", "--theme", "production")
    assert terminal(*two).code == 0
    assert terminal("context", "use", "two").code == 0
    told = json.loads(terminal("context", "list", "--json").out)
    assert told == [
        {
            "name": "one",
            "default": False,
            "api_url": "https://api.github.com",
            "scopes": ["org:acme"],
            "repositories": ["acme/*"],
            "token": "keyring",
            "theme": None,
            "read_only": True,
        },
        {
            "name": "two",
            "default": True,
            "api_url": "https://api.github.com",
            "scopes": ["org:b"],
            "repositories": [],
            "token": "command gh",
            "theme": "production",
            "read_only": True,
        },
    ]
    assert terminal("context", "list").out.splitlines() == [
        "  one  read-only  https://api.github.com  token: keyring",
        "    org:acme",
        "* two  read-only  https://api.github.com  token: command gh",
        "    org:b",
    ]
    assert load(config, {}).contexts["two"].token_from("b") == ("gh", "auth", "token")


def test_a_context_that_makes_no_sense_is_not_written(terminal: Terminal, config: Path) -> None:
    for wrong in (
        ("bad name", "--scope", "acme"),
        ("a", "--scope", "team:acme"),
        ("a", "--scope", "acme", "--api-url", "http://ghe.example.com"),
        ("a", "--scope", "acme", "--token-command", "'"),
        ("a", "--scope", "acme", "--repository", "web"),
        ("a",),
    ):
        assert terminal("context", "add", *wrong).code == 2, wrong
    assert not config.exists()


def test_an_unknown_context_is_answered_with_the_nearest_one(terminal: Terminal, config: Path) -> None:
    terminal("context", "add", "acme-prod", "--scope", "acme")
    ended = terminal("--context", "acme-prd", "auth", "status")
    assert ended.code == 2
    assert "There is no context “acme-prd”" in ended.err
    assert "Did you mean acme-prod?" in ended.err
    assert "`runner-console context add NAME` adds one" in ended.err
    ended = terminal("context", "use", "acme-prd")
    assert ended.code == 2
    assert "Did you mean acme-prod?" in ended.err


def test_a_name_that_is_taken_is_answered_without_options_that_do_not_exist(terminal: Terminal, config: Path) -> None:
    terminal("context", "add", "acme", "--scope", "acme")
    ended = terminal("context", "add", "acme", "--scope", "acme")
    assert ended.code == 2
    assert "The context “acme” exists already" in ended.err
    assert "--name" not in ended.err


def test_info_says_where_everything_is(terminal: Terminal, config: Path) -> None:
    terminal("context", "add", "a", "--scope", "acme")
    told = json.loads(terminal("info", "--json").out)
    assert told["config_file"] == str(config)
    assert told["config_exists"] is True
    assert told["log_file"].endswith(".log")
    assert told["keyring"] == "MemoryBackend"
    assert told["context"]["name"] == "a"
    assert str(config) in terminal("info").out


def test_info_shows_the_proxy_and_the_certificates_in_use_without_a_password(
    terminal: Terminal, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal("context", "add", "a", "--scope", "acme")
    monkeypatch.setenv("HTTPS_PROXY", "http://alice:secret@proxy.corp:3128")
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/corp.pem")
    in_use = "HTTPS_PROXY=http://***@proxy.corp:3128, SSL_CERT_FILE=/etc/corp.pem"
    assert json.loads(terminal("info", "--json").out)["context"]["proxy"] == in_use
    assert f"proxy         {in_use}" in terminal("info").out


def test_info_works_where_nothing_else_does(terminal: Terminal, config: Path) -> None:
    config.write_text("theme =\n")
    ended = terminal("info", "--json")
    assert ended.code == 0
    assert "line 1, column 8" in json.loads(ended.out)["config_problem"]
