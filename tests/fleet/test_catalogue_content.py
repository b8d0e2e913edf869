from itertools import combinations

import pytest

from console.fleet.finder import finder
from console.fleet.log_lines import Where
from console.fleet.scanner import Scanner
from console.fleet.signature_rules import read_catalogue
from console.fleet.signatures import Signature, shipped_catalogue, shipped_files
from console.fleet.verdicts import Verdict

CATALOGUE = shipped_catalogue()
STAMP = "2026-03-03T10:00:00.0000000Z "
FAMILIES = {
    "listener", "registration", "broker", "update", "network", "worker", "cache", "artifact", "release", "publish",
    "remote-build-cache", "container", "host", "arc", "job", "tests",
}  # fmt: skip
INCIDENTS = {
    "a session conflict, still trying": "listener.session-conflict",
    "a session conflict, gave up": "listener.session-conflict-gave-up",
    "the service stopped by it": "listener.service-exit-session-conflict",
    "asking for jobs: ServiceUnavailable": "broker.message-5xx",
    "asking for jobs: BadRequest": "broker.message-bad-request",
    "a registration that is not found": "registration.not-found",
    "errors of the token": "registration.token-error",
    "a breaker that is open": "broker.breaker-open",
    "CreateCacheEntry 404": "cache.create-404",
    "CreateCacheEntry 409": "cache.create-409",
    "a key that cannot be reserved: another job": "cache.reserve-race",
    "a key that cannot be reserved: exists or held": "cache.reserve-locked",
    "a key that cannot be reserved: read only": "cache.reserve-read-only",
    "a remote build cache: gRPC": "remote-build-cache.grpc-call",
    "a remote build cache: transport error": "remote-build-cache.transport",
    "a release that exists": "release.already-exists",
    "a drafter that wrote a draft": "release.drafter-wrote-draft",
}


def verdicts(*lines: str, where: Where = "job-log") -> list[Verdict]:
    scanner = Scanner(CATALOGUE, where)
    scanner.feed("".join(f"{line}\n" for line in lines).encode())
    scanner.end()
    return scanner.verdicts()


def the(*lines: str, where: Where = "job-log", name: str) -> Verdict:
    (found,) = (each for each in verdicts(*lines, where=where) if each.match.signature.id == name)
    return found


def test_the_catalogue_keeps_its_own_rules() -> None:
    read = read_catalogue(shipped_files(), set())
    assert [str(each) for each in read.complaints] == []
    assert read.catalogue.by_id.keys() == CATALOGUE.by_id.keys()


def test_every_family_has_its_file() -> None:
    of_file = {name.removesuffix(".toml"): set[str]() for name in shipped_files()}
    for name, text in shipped_files().items():
        found = read_catalogue({name: text}, set()).catalogue.signatures
        of_file[name.removesuffix(".toml")] = {each.id.partition(".")[0] for each in found}
    assert of_file == {family: {family} for family in FAMILIES}


@pytest.mark.parametrize("signature", CATALOGUE.signatures, ids=lambda each: each.id)
def test_a_signature_wins_its_own_examples_and_no_near_miss(signature: Signature) -> None:
    for example in signature.examples:
        assert [each.match.signature.id for each in verdicts(example, where="unknown")] == [signature.id], example
    for line in signature.near_misses:
        assert signature.id not in {each.match.signature.id for each in verdicts(line, where="unknown")}, line


def test_which_of_two_signatures_wins_a_line_is_never_left_to_the_order_of_files() -> None:
    for owner in CATALOGUE.signatures:
        for example in owner.examples:
            meant = [each for each in CATALOGUE.signatures if each.describes(example.encode())]
            best = min(each.priority for each in meant)
            assert [each.id for each in meant if each.priority == best] == [owner.id], example


def test_no_two_signatures_have_one_title_or_one_pattern() -> None:
    for one, other in combinations(CATALOGUE.signatures, 2):
        assert one.pattern != other.pattern
        assert one.title != other.title, f"{one.id}, {other.id}"


def test_what_is_said_is_short_and_has_its_stops() -> None:
    for each in CATALOGUE.signatures:
        assert len(each.title) <= 60, each.id
        assert not each.title.endswith("."), each.id
        worse = (each.worse.meaning, each.worse.remedy) if each.worse else ()
        texts = [each.meaning, each.remedy, each.harmless_when, *worse]
        for text in texts:
            assert text is None or (text.endswith((".", "…")) and len(text) <= 320), f"{each.id}: {text}"
        assert "!" not in each.meaning + each.remedy, each.id


def test_no_signature_names_an_action_that_does_not_exist() -> None:
    assert {each.action for each in CATALOGUE.signatures} == {None}


def test_an_error_in_the_log_of_a_job_says_what_class_of_failure_it_is() -> None:
    wanted = [
        each.id
        for each in CATALOGUE.signatures
        if each.severity in {"critical", "error"} and {"job-log", "annotation"} & {*each.where}
    ]
    assert [name for name in wanted if CATALOGUE.by_id[name].failure_class is None] == []


@pytest.mark.parametrize("incident", INCIDENTS)
def test_the_incidents_are_known(incident: str) -> None:
    assert INCIDENTS[incident] in CATALOGUE.by_id


@pytest.mark.parametrize("where", ["runner-diag", "worker-diag", "service-log", "job-log", "annotation", "arc-log"])
def test_each_kind_of_log_has_signatures_and_finds_their_examples(where: Where) -> None:
    here = [each for each in CATALOGUE.signatures if where in each.where]
    assert len(here) > 5
    assert len(finder(CATALOGUE, where).signatures) == len(here)
    for each in here:
        assert [found.match.signature.id for found in verdicts(each.examples[0], where=where)] == [each.id]


# What a line is, by what else there is

RESERVE = f"{STAMP}Failed to save: Unable to reserve cache with key web-1, another job may be creating this cache."
CONFLICT = f"{STAMP}##[warning]Failed to save: Failed to CreateCacheEntry: Received non-retryable error: Failed request: (409) Conflict"  # noqa: E501
MISS = f"{STAMP}Cache not found for input keys: web-1"


@pytest.mark.parametrize(("line", "name"), [(RESERVE, "cache.reserve-race"), (CONFLICT, "cache.create-409")])
def test_a_key_that_another_job_saves_is_harmless_unless_it_is_then_missing(line: str, name: str) -> None:
    alone = the(line, name=name)
    assert (alone.severity, alone.harmless, alone.serious) == ("info", "usually", False)
    cold = the(MISS, line, name=name)
    assert (cold.severity, cold.harmless) == ("info", "usually"), "every job of a matrix that is cold misses first"
    missed = the(line, MISS, name=name)
    assert (missed.severity, missed.harmless, missed.worse) == ("warning", "never", True)
    assert missed.remedy.startswith("Delete the entry for this key and re-run")
    assert alone.remedy.startswith("Nothing, if")


NOT_FOUND = f"{STAMP}##[warning]Failed to save: Failed to CreateCacheEntry: Received non-retryable error: Failed request: (404) Not Found: invalid request"  # noqa: E501


def test_a_cache_service_that_fails_is_serious_only_to_a_job_that_fails_without_its_cache() -> None:
    name = "cache.create-404"
    alone = the(NOT_FOUND, name=name)
    assert (alone.severity, alone.harmless, alone.serious) == ("warning", "sometimes", False)
    stopped = f"{STAMP}##[error]Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: web-1"
    assert the(NOT_FOUND, stopped, name=name).serious
    assert the(NOT_FOUND, f"{STAMP}Cache saved with key: web-1", name=name).cleared


def test_an_upload_to_a_remote_cache_that_failed_is_serious_only_where_a_task_failed() -> None:
    lines = ["Failed to make gRPC call.", "Unknown error: transport error"]
    assert [each.severity for each in verdicts(*lines, "Tasks: 18 completed")] == ["warning", "warning"]
    failed = verdicts(*lines, "Error: task_runner::run_failed", "  × Task web:build failed to run.")
    assert [each.severity for each in failed] == ["error", "error"]


def test_the_reason_in_the_line_tells_the_three_meanings_of_a_reserve_that_failed_apart() -> None:
    exists = f"{RESERVE} More details: Cache already exists. Scope: refs/heads/main, Key: web-1, Version: 1"
    denied = f"{RESERVE} More details: cache write denied: token has no writable scopes"
    found = [each.match.signature.id for each in verdicts(RESERVE, exists, denied)]
    assert found == ["cache.reserve-race", "cache.reserve-locked", "cache.reserve-read-only"]
    assert "does not help" in CATALOGUE.by_id["cache.reserve-read-only"].meaning


def test_a_session_conflict_is_over_when_the_runner_listens() -> None:
    conflict = "Mar 03 07:15:10 build-07 runsvc.sh[811]: A session for this runner already exists."
    listens = "Mar 03 07:15:40 build-07 runsvc.sh[811]: 2026-03-03 07:15:40Z: Listening for Jobs"
    name = "listener.session-conflict"
    assert not the(conflict, where="service-log", name=name).cleared
    assert the(conflict, listens, where="service-log", name=name).cleared


def test_a_job_that_was_acknowledged_and_never_came_is_an_error() -> None:
    taken = "[2026-03-03 16:22:36Z INFO BrokerMessageListener] Acknowledging runner request '1'."
    came = "[2026-03-03 16:22:38Z INFO Runner] Skipping message Job. Job message already acquired '1'."
    later = "[2026-03-03 16:52:36Z INFO HostContext] Something else"
    name = "broker.acknowledge"
    assert the(taken, came, later, where="runner-diag", name=name).severity == "info"
    assert the(taken, later, where="runner-diag", name=name).severity == "error"


def test_trouble_of_hosts_and_networks_is_a_hint_in_a_job_and_an_error_in_the_runners_own_log() -> None:
    line = "Name or service not known (broker.actions.githubusercontent.com:443)"
    assert the(line, where="job-log", name="network.dns").severity == "warning"
    assert the(line, where="runner-diag", name="network.dns").severity == "error"


def test_what_an_action_calls_an_error_is_more_than_a_hint() -> None:
    line = "fatal: unable to access 'https://github.com/acme/web/': Could not resolve host: github.com"
    assert the(STAMP + line, name="network.dns").severity == "warning"
    assert the(f"{STAMP}##[error]{line}", name="network.dns").serious


def test_what_an_action_calls_a_warning_is_no_more_unless_the_disk_is_full() -> None:
    limit = "Failed to gather telemetry: API rate limit exceeded for installation."
    assert the(f"{STAMP}##[error]{limit}", name="network.api-rate-limit").severity == "error"
    assert the(f"{STAMP}##[warning]{limit}", name="network.api-rate-limit").severity == "warning"
    assert the(f"{STAMP}##[warning]No space left on device", name="host.disk-full").severity == "error"


def test_a_full_disk_is_an_error_in_a_job_too() -> None:
    line = f"{STAMP}tar: dist/app.js: Cannot write: No space left on device"
    assert the(line, name="host.disk-full").serious


def test_what_the_job_itself_did_wrong_is_no_trouble_of_the_runner() -> None:
    for each in CATALOGUE.signatures:
        if each.id.startswith("tests."):
            assert each.severity == "notice", each.id
            assert each.failure_class == "tests", each.id


# Lines that only speak of trouble

SPEAKS = [
    "\x1b[36;1mdocker pull acme/web || echo 'No space left on device'\x1b[0m",
    "\x1b[36;1mif grep -q 'Cannot connect to the Docker daemon' log; then exit 1; fi\x1b[0m",
    "##[debug]Failed to download archive 'https://codeload.github.com/acme/setup/tar.gz/00aa' after 3 attempts.",
    "##[group]Run echo Bad credentials",
    "##[command]/usr/bin/docker run acme/web --message toomanyrequests",
    "[command]/usr/bin/git commit -m Resource not accessible by integration",
    "+ echo 'Out of memory: Killed process 1 (web)'",
    "++ grep -c JavaScript heap out of memory build.log",
    "tests/test_disk.py::test_says[No space left on device] PASSED                        [ 12%]",
    "\x1b[32mtests/test_disk.py::test_enospc ENOSPC\x1b[0m \x1b[1;32mPASSED\x1b[0m",
    "  \x1b[32m✓\x1b[39m tells of toomanyrequests (12 ms)",
    "test disk::enospc_no_space_left_on_device ENOSPC ... ok",
    "    --- PASS: TestRelease/a_release_with_the_same_tag_name_already_exists: (0.00s)",
]


@pytest.mark.parametrize("line", SPEAKS)
def test_a_script_and_a_test_that_passed_only_speak_of_trouble(line: str) -> None:
    assert verdicts(line) == verdicts(STAMP + line) == verdicts(f"build\tRun tests\t{STAMP}{line}") == []


def test_a_group_that_github_names_after_what_failed_is_no_script() -> None:
    line = f"{STAMP}##[group]Service container redis failed."
    assert the(line, name="container.service-failed").severity == "error"


HEALTHY = [
    "   Compiling thiserror-impl v2.0.12",
    "   Compiling quick-error v2.0.1",
    "[12/120] Building CXX object src/CMakeFiles/web.dir/error.cpp.o",
    "creating build/lib/web/errors.py",
    "  adding: dist/error-page.html (deflated 61%)",
    "0 errors, 0 warnings, 0 notes",
    "Found 0 errors.",
    "Success: no issues found in 40 source files",
    "✨  0 problems (0 errors, 0 warnings)",
    "[INFO] Tests run: 120, Failures: 0, Errors: 0, Skipped: 1",
    "Tests:       120 passed, 120 total",
    "============================= 120 passed in 12.34s =============================",
    "test result: ok. 120 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
    "tests/test_errors.py::TestError::test_raises_error PASSED",
    "tests/test_http.py::test_timeout_error SKIPPED (needs network)",
    "ok      github.com/acme/web/internal/errors      0.012s",
    "npm warn deprecated inflight@1.0.6: This module is not supported, and leaks memory.",
    "npm audit fix available, run npm audit for details",
    "# npm audit report",
    "3 vulnerabilities (1 low, 1 moderate, 1 critical)",
    "To address issues that do not require attention, run: npm audit fix",
    "(node:996) [DEP0040] DeprecationWarning: The `punycode` module is deprecated.",
    "/usr/lib/python3/dist-packages/web.py:12: DeprecationWarning: invalid escape sequence",
    "warning: unused variable: `error`",
    "src/web.c:12:5: warning: unused variable 'error' [-Wunused-variable]",
    "eslint --max-warnings 0 --fail-on-error src/",
    "cargo clippy -- -D warnings --no-fail-fast",
    "set -euo pipefail",
    "shell: /usr/bin/bash --noprofile --norc -e -o pipefail {0}",
    "  fail-on-cache-miss: true",
    "  if-no-files-found: error",
    "  continue-on-error: true",
    "  RETRY_ON: ETIMEDOUT_AND_OTHERS",
    "Downloading https://packages.example.com/files/exceptiongroup-1.2.whl",
    "Collecting pytest-rerunfailures==14.0",
    "src/errors.rs:12:    NotFound, // never an error",
    "docs/errors.md:40:An error is shown when the name is empty.",
    "Uploading coverage report: 200 OK",
    "remote: Resolving deltas: 100% (3/3), done.",
    "hint: Using 'master' as the name for the initial branch.",
    "HTTP/1.1 503 is answered as planned: 1, 2, 3",
    'INFO: 10.0.0.7:51000 - "GET /health HTTP/1.1" 503 Service Unavailable',
    "nginx: 10.0.0.7 GET /missing 404 12",
    "Cache restored successfully",
    "Cache hit for: linux-deps-0a1b",
    "Artifact web-dist.zip successfully finalized. Artifact ID 1234567",
    "Terminate orphan process: pid (2154) (java)",
    "Cleaning up orphan processes",
    "Waiting for postgres service to become healthy: healthy",
    "Status: Downloaded newer image for postgres:16",
    "#12 CACHED",
    "#14 exporting to image",
    "sha256sum: web.tar.gz: OK",
    "Filesystem      Size  Used Avail Use% Mounted on",
    "Swap was killed off in release notes of 2019",
    "The deployment was successful, no errors were reported.",
    "0 failed, 12 succeeded",
    "error_log: /var/log/nginx/error.log",
    "mv error.txt dist/",
    "Ran 120 tests in 12.345s",
    "Requirement already satisfied: certifi",
    "The session for this user was opened.",
]


@pytest.mark.parametrize("where", ["job-log", "unknown"])
def test_a_healthy_line_is_neither_error_nor_warning(where: Where) -> None:
    lines = [stamp + line for line in HEALTHY for stamp in ("", STAMP)]
    loud = [each for each in verdicts(*lines, where=where) if each.severity != "info"]
    assert [(each.match.signature.id, each.match.text) for each in loud] == []
