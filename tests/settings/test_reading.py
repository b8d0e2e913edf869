from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from console.errors import NoContextError, UsageError
from console.settings.complaints import InvalidSettingsError
from console.settings.durations import parse_duration, spell_duration
from console.settings.reading import load
from console.settings.schema import Context, Settings, json_schema
from console.settings.themes import theme_names
from console.ui.theme import themes

WHOLE = """
default_context = "acme-prod"
theme = "light"

[contexts.acme-prod]
api_url = "https://api.github.com/"
scopes = ["org:acme", "repo:acme-labs/gpu-tests"]
repositories = ["acme/web", "acme/*-service"]
token = { acme = "keyring", acme-labs = { command = ["gh", "auth", "token"] } }
theme = "production"
read_only = false

[contexts.ghes]
api_url = "https://ghe.example.com/api/v3"
scopes = ["org:acme"]
token = "env"

[thresholds]
queued_watch = "45s"
queued_alert = "3 min"
"""


def read(path: Path, text: str, environ: Mapping[str, str] | None = None, context: str | None = None) -> Settings:
    path = path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ or {}, context)


def complaints(path: Path, text: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    with pytest.raises(InvalidSettingsError) as caught:
        read(path, text, environ)
    assert caught.value.exit_code == 2
    return {each.place: f"{each.message} ({each.hint})" for each in caught.value.complaints}


def test_a_whole_configuration_is_read(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    name, context = settings.context()
    assert (name, context.api_url, context.read_only) == ("acme-prod", "https://api.github.com", False)
    assert context.owners == ("acme", "acme-labs")
    assert context.token_from("ACME") == "keyring"
    assert context.token_from("acme-labs") == ("gh", "auth", "token")
    assert context.token_from("somebody-else") is None
    assert settings.theme_of(context) == "production"
    assert settings.theme_of(settings.contexts["ghes"]) == "light"
    assert settings.thresholds.queued_watch == timedelta(seconds=45)
    assert settings.thresholds.queued_alert == timedelta(minutes=3)


def test_the_hosts_of_a_context_are_read_in_their_order_and_its_user_may_come_from_the_environment(
    tmp_path: Path,
) -> None:
    text = """
ssh_program = "/opt/openssh/bin/ssh"
[contexts.a]
scopes = ["org:acme"]
[contexts.a.ssh]
hosts = { "linux-*" = "{name}.ci.example.net", "gpu box [1]" = "gpu-1", "*" = "[2001:db8::1]" }
user = "ops"
"""
    settings = read(tmp_path, text)
    _, context = settings.context()
    assert settings.ssh_program == "/opt/openssh/bin/ssh"
    assert list(context.ssh.hosts) == ["linux-*", "gpu box [1]", "*"]
    assert context.ssh.user == "ops"
    environ = {"RUNNER_CONSOLE_SSH__USER": "me", "RUNNER_CONSOLE_SSH_PROGRAM": "/usr/bin/ssh"}
    changed = read(tmp_path, text, environ)
    assert (changed.context()[1].ssh.user, changed.ssh_program) == ("me", "/usr/bin/ssh")
    assert list(changed.context()[1].ssh.hosts) == ["linux-*", "gpu box [1]", "*"]
    assert "RUNNER_CONSOLE_SSH__HOSTS" in complaints(tmp_path, text, {"RUNNER_CONSOLE_SSH__HOSTS": "x"})


def test_a_context_is_read_only_and_takes_its_token_from_the_keyring_unless_it_says_otherwise(tmp_path: Path) -> None:
    _, context = read(tmp_path, '[contexts.a]\nscopes = ["org:acme"]\n').context()
    assert context.read_only
    assert context.token_from("acme") == "keyring"


def test_without_a_file_there_is_no_context_and_the_defaults_hold(tmp_path: Path) -> None:
    settings = load(tmp_path / "nowhere" / "config.toml", {})
    assert settings.reading.file is None
    assert settings.bell is False
    with pytest.raises(NoContextError):
        settings.context()


def test_an_unknown_context_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, WHOLE).context("acme-prd")
    assert "acme-prod" in caught.value.hint


def test_broken_toml_names_file_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        read(tmp_path, 'theme = "dark"\nbell = perhaps\n')
    assert str(tmp_path / "config.toml") in caught.value.message
    assert "line 2, column 8" in caught.value.message


@pytest.mark.parametrize("text", ['theme = "dar', "[contexts.a\n", "a = [1,", 'theme = "dark"\n[['])
def test_toml_that_ends_too_early_has_a_line_too(tmp_path: Path, text: str) -> None:
    assert all(place.startswith("line ") for place in complaints(tmp_path, text))


def test_bytes_that_are_no_text_have_a_line_and_a_column(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b'theme = "dark"\n# caf\xe9\n')
    with pytest.raises(InvalidSettingsError) as caught:
        load(path, {})
    assert "line 2, column 6" in caught.value.message


def test_everything_wrong_is_said_at_once_by_its_dotted_path_with_the_nearest_known_key(tmp_path: Path) -> None:
    found = complaints(
        tmp_path,
        """
lok_every = "20s"
bell = "perhaps"
[contexts.a]
api_url = "http://ghe.example.com"
scopes = ["org:acme", "team:acme"]
read_onyl = true
token = "keyrng"
[contexts.a.ssh]
usr = "ops"
[contexts.a.host]
x = 1
[thresholds]
queued_alert = 180
quued_watch = "90s"
""",
    )
    assert "look_every" in found["lok_every"]
    assert "true or false" in found["bell"]
    assert "https" in found["contexts.a.api_url"]
    assert "org:NAME" in found["contexts.a.scopes.1"]
    assert "read_only" in found["contexts.a.read_onyl"]
    assert '"keyring"' in found["contexts.a.token"]
    assert "did you mean user?" in found["contexts.a.ssh.usr"]
    assert "no such setting" in found["contexts.a.host"]
    assert '"90s"' in found["thresholds.queued_alert"]
    assert "queued_watch" in found["thresholds.quued_watch"]
    assert len(found) == 10


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("bell = 3", "bell", "must be true or false"),
        *(
            (f"[contexts.a]\nread_only = {word}", "contexts.a.read_only", "must be true or false")
            for word in ('"no"', '"false"', '"off"', "0", '"true"', "1")
        ),
        *((f"{name} = 0", name, "must be true or false") for name in ("bell", "animations", "mouse", "debug")),
        ('[contexts.a]\nrepositories = ["acme/web", "acme/["]', "contexts.a.repositories.1", "must be OWNER/NAME"),
        ("mouse = []", "mouse", "must be true or false"),
        ("theme = 3", "theme", "must be text in quotes"),
        ("thresholds = 3", "thresholds", "must be a table"),
        ("look_every = 15", "look_every", 'must be a duration such as "90s" or "3 min"'),
        ('[contexts.a]\nscopes = "org:acme"', "contexts.a.scopes", 'must be a list of texts, such as ["ONE", "TWO"]'),
        ("[contexts.a]\nscopes = [1]", "contexts.a.scopes.0", "must be text in quotes"),
        ('[contexts.a]\ntoken = { command = "gh" }', "contexts.a.token.command", "must be a list of texts"),
        ('[contexts.a]\ntoken = "keyrng"', "contexts.a.token", 'must be "keyring", "env" or { command ='),
        ("[contexts.a]\nssh = 3", "contexts.a.ssh", "must be a table"),
        ('[contexts.a.ssh]\nhosts = "x"', "contexts.a.ssh.hosts", "must be a table"),
        ("[contexts.a.ssh]\nhosts = { x = 1 }", "contexts.a.ssh.hosts.x", "must be text in quotes"),
        *(
            (
                f'[contexts.a.ssh]\nhosts = {{ x = "{host}" }}',
                "contexts.a.ssh.hosts.x",
                "must be a host as ssh knows it",
            )
            for host in ("-oProxyCommand=touch x", "a b", "$(id)", "{nme}", "{name", "", "ci@box")
        ),
        ('[contexts.a.ssh]\nuser = "-l root"', "contexts.a.ssh.user", "must be a user's name on the hosts"),
        ('ssh_program = "-oProxyCommand=x"', "ssh_program", "must be a program"),
        ('ssh_program = ""', "ssh_program", "must be a program"),
    ],
)
def test_a_wrong_value_is_answered_with_what_was_expected_in_plain_words(
    tmp_path: Path, text: str, place: str, words: str
) -> None:
    assert complaints(tmp_path, text)[place].startswith(words)


@pytest.mark.parametrize(
    ("word", "read_only"),
    [
        ("true", True),
        ("Yes", True),
        ("on", True),
        ("1", True),
        ("false", False),
        ("NO", False),
        ("off", False),
        ("0", False),
    ],
)
def test_a_variable_says_yes_or_no_in_the_usual_words(tmp_path: Path, word: str, read_only: bool) -> None:
    text = f"[contexts.a]\nread_only = {str(not read_only).lower()}\n"
    assert read(tmp_path, text, {"RUNNER_CONSOLE_READ_ONLY": word}).context()[1].read_only is read_only


@pytest.mark.parametrize("word", ["n", "never", "2", "readonly"])
def test_any_other_word_in_a_variable_unlocks_nothing(tmp_path: Path, word: str) -> None:
    found = complaints(tmp_path, "[contexts.a]\n", {"RUNNER_CONSOLE_READ_ONLY": word})
    assert found == {"RUNNER_CONSOLE_READ_ONLY": "must be true or false ()"}


def test_complaints_come_in_the_order_of_the_file_and_then_those_of_the_environment(tmp_path: Path) -> None:
    text = """
look_every = 5
lok_every = "20s"
default_context = "b"
bell = 3
[thresholds]
queued_watch = 1
[contexts.a]
token = "x"
repositories = ["web", "acme/api", "acme/["]
api_url = "ftp://x"
"""
    assert list(complaints(tmp_path, text, {"RUNNER_CONSOLE_MOUSE": "perhaps", "RUNNER_CONSOLE_BEL": "1"})) == [
        "look_every",
        "lok_every",
        "default_context",
        "bell",
        "thresholds.queued_watch",
        "contexts.a.token",
        "contexts.a.repositories.0",
        "contexts.a.repositories.2",
        "contexts.a.api_url",
        "RUNNER_CONSOLE_BEL",
        "RUNNER_CONSOLE_MOUSE",
    ]


def test_a_file_is_not_blamed_for_a_variable(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        read(tmp_path, "", {"RUNNER_CONSOLE_LOOK_EVERY": "often"})
    assert caught.value.message.startswith("The configuration cannot be used (RUNNER_CONSOLE_LOOK_EVERY):")


def test_no_complaint_speaks_the_language_of_a_library(tmp_path: Path) -> None:
    fields = {
        "": [*Settings.model_fields],
        "contexts.a.": [*Context.model_fields],
        "contexts.a.ssh.": ["hosts", "user"],
        "thresholds.": ["queued_watch"],
    }
    for before, names in fields.items():
        for name in names:
            for wrong in ("{ x = 1 }", "[{}]", "1.5"):
                told = complaints(tmp_path, f"{before}{name} = {wrong}")
                assert told, (name, wrong)
                assert not any("Input" in words or "valid" in words for words in told.values()), told


def test_a_misspelt_key_in_a_table_of_tokens_is_named_by_its_path(tmp_path: Path) -> None:
    found = complaints(tmp_path, '[contexts.a]\ntoken = { comand = ["gh"] }')
    assert "did you mean command?" in found["contexts.a.token.comand"]
    found = complaints(tmp_path, '[contexts.a]\ntoken = { acme = { comand = ["gh"] } }')
    assert "did you mean command?" in found["contexts.a.token.acme.comand"]


def test_an_unknown_theme_is_answered_with_the_nearest_and_all_there_are(tmp_path: Path) -> None:
    told = "there is no theme “drak”; did you mean dark? known: dark, light, production ()"
    assert complaints(tmp_path, 'theme = "drak"') == {"theme": told}
    assert complaints(tmp_path, "", {"RUNNER_CONSOLE_THEME": "drak"}) == {"RUNNER_CONSOLE_THEME": told}
    assert "contexts.a.theme" in complaints(tmp_path, '[contexts.a]\ntheme = "drak"')


def test_the_themes_that_may_be_named_are_those_that_can_be_shown() -> None:
    assert theme_names() == tuple(sorted(theme.name for theme in themes()))


def test_a_default_that_names_no_context_is_told_beside_all_else(tmp_path: Path) -> None:
    text = 'default_context = "acme-prd"\nbell = 3\n[contexts.acme-prod]\n[contexts.labs]\n'
    found = complaints(tmp_path, text)
    told = "there is no context “acme-prd” (did you mean acme-prod? known: acme-prod, labs)"
    assert found == {"bell": "must be true or false ()", "default_context": told}
    found = complaints(tmp_path, "[contexts.a]\n", {"RUNNER_CONSOLE_DEFAULT_CONTEXT": "b"})
    assert list(found) == ["RUNNER_CONSOLE_DEFAULT_CONTEXT"]


@pytest.mark.parametrize(
    ("text", "place", "key"),
    [
        ("bell = true\nbell = false\n", "line 2, column 1", "bell"),
        ("[contexts.a]\n[contexts.a]\n", "line 2, column 2", "contexts.a"),
        ('theme = """\n\ndark"""\n  theme = """\n\ndark"""\n', "line 4, column 3", "theme"),
        ("[contexts.a]\nscopes = [\n]\nscopes = [\n]\n", "line 4, column 1", "scopes"),
        ("x = { a = 1, a = 2 }", "line 1, column 19", "a"),
        ('"a b" = 1\n"a b" = 1', "line 2, column 1", '"a b"'),
    ],
)
def test_a_key_that_stands_twice_is_named_with_its_line_and_column(
    tmp_path: Path, text: str, place: str, key: str
) -> None:
    told = f"“{key}” stands here for the second time (one of the two must go)"
    assert complaints(tmp_path, text) == {place: told}


def test_a_misspelt_variable_is_not_likened_to_others_by_what_all_begin_with(tmp_path: Path) -> None:
    environ = {"RUNNER_CONSOLE_TOKEN_X": "1", "RUNNER_CONSOLE_BEL": "1"}
    found = complaints(tmp_path, "", environ)
    assert "did you mean" not in found["RUNNER_CONSOLE_TOKEN_X"]
    assert "did you mean RUNNER_CONSOLE_BELL?" in found["RUNNER_CONSOLE_BEL"]


def test_a_token_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    canary = "ghp_" + "c4nary" * 6
    with pytest.raises(InvalidSettingsError) as caught:
        read(tmp_path, f'theme = "{canary}"\ndefault_context = "{canary}"\n[contexts.a]\ntoken = "{canary}"\n')
    assert canary not in caught.value.message
    with pytest.raises(InvalidSettingsError) as caught:
        read(tmp_path, f'[contexts.a]\nscopes = ["{canary}"]\napi_url = "{canary}"\n')
    assert canary not in caught.value.message
    with pytest.raises(InvalidSettingsError) as caught:
        read(tmp_path, f"[contexts.a]\ntoken = {canary}\n")
    assert canary not in caught.value.message


def test_control_characters_of_a_key_do_not_get_into_the_message(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        read(tmp_path, '"a\\u001b]0;x\\u0007" = 1\n')
    assert "<001B>" in caught.value.message
    assert "\x1b" not in caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x", "api.github.com", "https://", "https://user:pass@ghe.example.com", "https://ghe.example.com/?a=b",
        "https://ghe.example.com#x", "http://192.168.0.1", "https://ghe.example.com:port", "https://ghe .example.com",
        "http://localhost.example.com",
    ],
)  # fmt: skip
def test_addresses_that_would_give_the_token_away_are_refused(tmp_path: Path, url: str) -> None:
    assert "contexts.a.api_url" in complaints(tmp_path, f'[contexts.a]\napi_url = "{url}"\n')


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://[::1]:1", "http://localhost:9/api/v3"])
def test_loopback_may_be_http(tmp_path: Path, url: str) -> None:
    assert read(tmp_path, f'[contexts.a]\napi_url = "{url}"\n').context()[1].api_url == url


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("3 min", 180), ("1h 30m", 5400), ("1.5 min", 90), ("2 Minutes", 120)]
)
def test_durations_are_written_as_people_write_them(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)
    assert parse_duration(spell_duration(parse_duration(text))) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "90", "s", "90 parsecs", "-5s", "3 min ago", "1e9s", "9" * 400 + "s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('look_every = "1s"', "look_every"),
        ('quiet_every = "2 days"', "quiet_every"),
        ('thresholds = { queued_watch = "5 min" }', "thresholds.queued_alert"),
        ('look_every = "10 min"', "quiet_every"),
        ('default_context = "b"\n[contexts.a]', "default_context"),
        ('default_context = "b"', "default_context"),
        ("contexts = 3", "contexts"),
        ("[contexts]\na = 3", "contexts.a"),
        ("[[contexts]]", "contexts"),
        ("thresholds = 3", "thresholds"),
        ('[contexts."a b"]', "contexts.a b"),
        ("[contexts.a]\ntoken = {}", "contexts.a.token"),
        ("[contexts.a]\ntoken = 3", "contexts.a.token"),
        ("[contexts.a]\ntoken = { command = [] }", "contexts.a.token.command"),
        ("[contexts.a]\ntoken = { command = { a = 1 } }", "contexts.a.token.command"),
        ('[contexts.a]\ntoken = { acme = "file" }', "contexts.a.token.acme"),
    ],
)
def test_values_that_make_no_sense_together_or_alone_are_refused(tmp_path: Path, text: str, place: str) -> None:
    assert place in complaints(tmp_path, text)


def test_the_environment_goes_before_the_file_for_general_settings_and_the_chosen_context(tmp_path: Path) -> None:
    environ = {
        "RUNNER_CONSOLE_BELL": "true",
        "RUNNER_CONSOLE_LOOK_EVERY": "30s",
        "RUNNER_CONSOLE_THRESHOLDS__QUEUED_ALERT": "5 min",
        "RUNNER_CONSOLE_SCOPES": "org:other, repo:other/x",
        "RUNNER_CONSOLE_READ_ONLY": "true",
        "RUNNER_CONSOLE_MOUSE": "",
    }
    settings = read(tmp_path, WHOLE, environ)
    _, chosen = settings.context()
    assert settings.bell
    assert settings.mouse
    assert settings.look_every == timedelta(seconds=30)
    assert settings.thresholds.queued_alert == timedelta(minutes=5)
    assert settings.thresholds.queued_watch == timedelta(seconds=45)
    assert chosen.scopes == ("org:other", "repo:other/x")
    assert chosen.read_only
    assert settings.contexts["ghes"].scopes == ("org:acme",)


def test_the_environments_settings_are_for_the_context_that_was_asked_for(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE, {"RUNNER_CONSOLE_SCOPES": "org:other"}, context="ghes")
    assert settings.context()[0] == "ghes"
    assert settings.context()[1].scopes == ("org:other",)
    assert settings.contexts["acme-prod"].scopes == ("org:acme", "repo:acme-labs/gpu-tests")


def test_a_wrong_value_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    environ = {
        "RUNNER_CONSOLE_BELL": "perhaps",
        "RUNNER_CONSOLE_SCOPES": "acme",
        "RUNNER_CONSOLE_THRESHOLDS__QUEUED_ALERT": "180",
        "RUNNER_CONSOLE_LOOKEVERY": "1s",
    }
    found = complaints(tmp_path, WHOLE, environ)
    assert found.keys() == environ.keys()
    assert "RUNNER_CONSOLE_LOOK_EVERY" in found["RUNNER_CONSOLE_LOOKEVERY"]


def test_the_variable_that_holds_a_token_is_not_blamed_for_what_the_file_says(tmp_path: Path) -> None:
    found = complaints(tmp_path, '[contexts.a]\ntoken = "file"\n', {"RUNNER_CONSOLE_TOKEN": "ghp_x"})
    assert found.keys() == {"contexts.a.token"}


def test_a_context_can_live_in_the_environment_alone_and_so_does_its_token(tmp_path: Path) -> None:
    environ = {"RUNNER_CONSOLE_SCOPES": "org:acme", "RUNNER_CONSOLE_TOKEN": "ghp_x"}
    settings = load(tmp_path / "none.toml", environ)
    name, context = settings.context()
    assert (name, context.scopes, context.token_from("acme")) == ("default", ("org:acme",), "env")
    assert "ghp_x" not in repr(settings)


def test_a_misspelt_context_does_not_become_one_of_the_environment(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read(tmp_path, WHOLE, {"RUNNER_CONSOLE_SCOPES": "org:acme"}, context="nope").context()


def test_the_token_command_stays_with_the_address_of_the_file(tmp_path: Path) -> None:
    environ = {"RUNNER_CONSOLE_API_URL": "https://elsewhere.example.com"}
    _, context = read(tmp_path, WHOLE, environ).context()
    assert context.api_url == "https://elsewhere.example.com"
    assert context.command_for == "https://api.github.com/"


def test_the_schema_is_one_and_accepts_what_is_read(tmp_path: Path) -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert schema["properties"]["look_every"]["default"] == "15s"
    assert not list(validator.iter_errors({"contexts": {"a": {"scopes": ["org:acme"], "token": {"command": ["gh"]}}}}))
    assert list(validator.iter_errors({"lok_every": "20s"}))
    assert list(validator.iter_errors({"contexts": {"a": {"scopes": ["acme"]}}}))


STATUS_PAGES = """
[contexts.dot-com]
scopes = ["org:acme"]
[contexts.server]
api_url = "https://ghe.example.com/api/v3"
[contexts.own-page]
api_url = "https://api.acme.ghe.com"
status_url = "https://eu.githubstatus.example/"
[contexts.without]
status_url = ""
"""


def test_the_status_page_of_github_is_asked_for_github_com_alone_unless_a_context_names_its_own(tmp_path: Path) -> None:
    settings = read(tmp_path, STATUS_PAGES)
    asked = {name: settings.status_url_of(context) for name, context in settings.contexts.items()}
    assert asked == {
        "dot-com": "https://www.githubstatus.com",
        "server": "",
        "own-page": "https://eu.githubstatus.example",
        "without": "",
    }


def test_no_status_page_is_asked_where_the_general_setting_is_empty(tmp_path: Path) -> None:
    settings = read(tmp_path, 'status_url = ""\n' + STATUS_PAGES)
    assert [settings.status_url_of(context) for context in settings.contexts.values()].count("") == 3


@pytest.mark.parametrize("url", ["http://status.example", "ftp://x", "https://a:b@status.example", "status.example"])
def test_a_status_page_s_address_is_checked_like_that_of_the_api(tmp_path: Path, url: str) -> None:
    found = complaints(tmp_path, f'status_url = "{url}"\n[contexts.a]\nstatus_url = "{url}"\n')
    assert set(found) == {"status_url", "contexts.a.status_url"}
