"""What the steps of pretend jobs print: the shapes of what GitHub's actions and common tools print."""

import re
from collections.abc import Callable, Iterable, Sequence
from random import Random

from console.simulator.inhabitants import Job

Lines = Sequence[str]
AREAS = ("cart", "checkout", "login", "profile", "search", "catalogue", "orders", "mail", "pricing", "sessions")
THINGS = ("totals", "empty state", "paging", "time zones", "retries", "sorting", "rounding", "limits", "redirects")


def action(uses: str, **given: object) -> list[str]:
    """How a step that uses an action begins."""
    written = {name.replace("_", "-"): str(value) for name, value in given.items()}
    inputs = [f"  {name}: {value.lower() if value in {'True', 'False'} else value}" for name, value in written.items()]
    return [f"##[group]Run {uses}", *(["with:", *inputs] if inputs else []), "##[endgroup]"]


def script(job: Job, *commands: str) -> list[str]:
    """How a step that runs commands begins: they are echoed in cyan."""
    windows = "windows" in {label.lower() for label in job.labels}
    shell = "C:\\Program Files\\PowerShell\\7\\pwsh.EXE -command \". '{0}'\"" if windows else "/usr/bin/bash -e {0}"
    echoed = [f"\x1b[36;1m{command}\x1b[0m" for command in commands]
    return [f"##[group]Run {commands[0]}", *echoed, f"shell: {shell}", "env:", "  CI: true", "##[endgroup]"]


def checked_out(job: Job) -> Lines:
    """What actions/checkout prints."""
    place = job.run.repository
    work = f"/opt/actions-runner/_work/{place.name}/{place.name}"
    return (
        *action("actions/checkout@v4", repository=place.full_name, ssh_strict="true", clean="true", fetch_depth=1),
        f"Syncing repository: {place.full_name}",
        "##[group]Getting Git version info",
        f"Working directory is '{work}'",
        "[command]/usr/bin/git version",
        "git version 2.47.1",
        "##[endgroup]",
        "##[group]Fetching the repository",
        f"[command]/usr/bin/git -c protocol.version=2 fetch --no-tags --prune --depth=1 origin +{job.run.head_sha}",
        f"From https://github.com/{place.full_name}",
        f" * [new ref]         {job.run.head_sha} -> origin/{job.run.branch}",
        "##[endgroup]",
        "##[group]Checking out the ref",
        f"[command]/usr/bin/git checkout --progress --force {job.run.head_sha[:7]}",
        f"HEAD is now at {job.run.head_sha[:7]} {job.run.title}",
        "##[endgroup]",
        "[command]/usr/bin/git log -1 --format=%H",
        job.run.head_sha,
    )


def printed(job: Job, step: str) -> Lines:
    """What a step prints when all is well. The same job prints the same again."""
    random = _of(job, step)
    return [*script(job, _command(step)), *_kind(step)(random)]


def run_failed(job: Job, step: str) -> Lines:
    """What a step prints that fails: some of what it would print, and then why."""
    random = _of(job, step)
    said = _kind(step)(random)
    why, code = _trouble(step, random)
    return [
        *script(job, _command(step)),
        *said[: len(said) * 2 // 3],
        *why,
        f"##[error]Process completed with exit code {code}.",
    ]


def _of(job: Job, step: str) -> Random:
    return Random(f"{job.id} {step}")  # noqa: S311 (repeatable, not secret)


def _command(step: str) -> str:
    return _COMMANDS.get(step) or f"./ci/{re.sub('[^a-z0-9]+', '-', step.lower()).strip('-') or 'step'}.sh"


def _kind(step: str) -> Callable[[Random], list[str]]:
    return _KINDS.get(next((word for word in step.lower().split() if word in _KINDS), ""), _works)


def _installs(random: Random) -> list[str]:
    packages = random.randint(640, 1400)
    return [
        *(
            f"npm http fetch GET 200 https://registry.example/{_thing(random)} {random.randint(9, 400)}ms"
            for _ in "12345"
        ),
        f"added {packages} packages, and audited {packages + 1} packages in {random.randint(9, 40)}s",
        f"{random.randint(40, 190)} packages are looking for funding",
        "found 0 vulnerabilities",
    ]


def _builds(random: Random) -> list[str]:
    total = random.randint(40, 90)
    return [
        *(
            f"[{number * 100 // total:3}%] \x1b[32mCompiling\x1b[0m src/{_file(random)}.ts"
            for number in range(1, total + 1)
        ),
        f"Built in {random.uniform(8, 60):.1f} s",
    ]


def _tests(random: Random) -> list[str]:
    suites = random.randint(30, 60)
    found = [
        f"\x1b[32mPASS\x1b[39m test/{_file(random)}.test.ts ({random.uniform(0.1, 9):.3f} s)" for _ in range(suites)
    ]
    tests = suites * random.randint(6, 11)
    return [
        *found,
        f"Test Suites: {suites} passed, {suites} total",
        f"Tests:       {tests} passed, {tests} total",
        f"Time:        {random.uniform(9, 90):.3f} s",
        "Ran all test suites.",
    ]


def _works(random: Random) -> list[str]:
    return [f"==> {_thing(random)}: {random.randint(1, 400)} of 400" for _ in range(random.randint(12, 30))]


_KINDS: dict[str, Callable[[Random], list[str]]] = {
    **dict.fromkeys(("install", "fetch", "init"), _installs),
    **dict.fromkeys(("build", "archive", "package", "embed", "transform"), _builds),
    **dict.fromkeys(("test", "tests", "run", "score"), _tests),
}
_COMMANDS = {"Install dependencies": "npm ci", "Build": "npm run build", "Test": "npm test", "Lint": "npm run lint"}


def _trouble(step: str, random: Random) -> tuple[Lines, int]:
    """Nearly always the job's own: what machines have in common would be a finding."""
    chance = random.random()
    if chance < 0.03:
        return ("Killed",), 137
    if chance < 0.06:
        return (f"ENOSPC: no space left on device, write 'dist/{_file(random)}.js'",), 1
    if "lint" in step.lower():
        return (f"src/{_file(random)}.ts", "  41:7  error  'total' is never reassigned  prefer-const", _PROBLEM), 1
    if "push" in step.lower():
        return ("toomanyrequests: You have reached your unauthenticated pull rate limit.",), 1
    if _kind(step) is _builds:
        return (f"src/{_file(random)}.ts(58,11): error TS2339: Property 'total' does not exist on type 'Cart'.",), 2
    return _failed_test(random), 1


_PROBLEM = "✖ 1 problem (1 error, 0 warnings)"


def _failed_test(random: Random) -> Lines:
    file = _file(random)
    return (
        f"\x1b[31mFAIL\x1b[39m test/{file}.test.ts",
        f"  ● {file.replace('/', ' › ')}",
        "",
        "    expect(received).toBe(expected) // Object.is equality",
        "",
        f"    Expected: \x1b[32m{random.randint(1, 40)}\x1b[39m",
        f"    Received: \x1b[31m{random.randint(41, 90)}\x1b[39m",
        "",
        "Test Suites: 1 failed, 41 passed, 42 total",
        "Tests:       1 failed, 386 passed, 387 total",
    )


def _thing(random: Random) -> str:
    return f"{random.choice(AREAS)}-{random.choice(THINGS).replace(' ', '-')}"


def _file(random: Random) -> str:
    return f"{random.choice(AREAS)}/{random.choice(THINGS).replace(' ', '-')}"


def cache_found(key: str, matched: str, megabytes: int) -> Lines:
    """What actions/cache prints when it finds the key, or one that begins like it."""
    size = megabytes * 1_000_003
    return (
        f"Cache hit for{'' if key == matched else ' restore-key'}: {matched}",
        f"Received {size // 2} of {size} (50.0%), {megabytes / 2:.1f} MBs/sec",
        f"Received {size} of {size} (100.0%), {megabytes / 2:.1f} MBs/sec",
        f"Cache Size: ~{megabytes} MB ({size} B)",
        "[command]/usr/bin/tar -xf /opt/actions-runner/_work/_temp/cache.tzst -P --use-compress-program unzstd",
        "Cache restored successfully",
        f"Cache restored from key: {matched}",
    )


def cache_packed(megabytes: int) -> Lines:
    """What actions/cache prints before it saves."""
    return (
        "[command]/usr/bin/tar --posix -cf cache.tzst -P --files-from manifest.txt --use-compress-program zstdmt",
        f"Cache Size: ~{megabytes} MB ({megabytes * 1_000_003} B)",
    )


def in_turn(*parts: Iterable[str]) -> list[str]:
    """Parts of a step's output, one after the other."""
    return [line for part in parts for line in part]
