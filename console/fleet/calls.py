"""Every request that changes something at GitHub, one function for each. What it takes was seen to be `sendable`."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from console.fleet.models import JobKey, Name, Phrase, RunKey, RunnerKey, Scope
from console.fleet.paths import repository_path, scope_of, scope_path
from console.fleet.permissions import WRITE_ACTIONS, WRITE_CONTENTS, to_write_runners
from console.fleet.plans import Call

DEFAULT_GROUP = 1
"""The id of every organisation's or enterprise's first group, and the one to name where a repository has none."""

_GONE = {404: "It is gone by now, or this token may not see it: ask again."}
_ENDED = {409: "The run has ended by now."}
_ALTERED = re.compile("[\u2400-\u2426\ufffd]|<[0-9A-F]{4,6}>|<\\+[0-9]+>|…\\(\\+[0-9]+\\)")
"""Pictures of control characters, numbers in place of hidden ones, counts of what was left out."""


def sendable(text: str) -> bool:
    """Whether a name is, to the letter, what GitHub calls it: False for one that was or may have been made harmless."""
    return text != "" and _ALTERED.search(text) is None


def rerun_job(job: JobKey, *, debug: bool = False) -> Call:
    """One job and those that need it."""
    path = repository_path(job.repository, "actions", "jobs", str(job.id), "rerun")
    return _rerun(path, debug, "GitHub starts this job again, and the jobs that need it")


def rerun_failed(run: RunKey, *, debug: bool = False) -> Call:
    """All jobs of a run that failed, and those that need them."""
    path = repository_path(run.repository, "actions", "runs", str(run.id), "rerun-failed-jobs")
    return _rerun(path, debug, "GitHub starts the failed jobs of this run again, and the jobs that need them")


def rerun_run(run: RunKey, *, debug: bool = False) -> Call:
    """Every job of a run."""
    path = repository_path(run.repository, "actions", "runs", str(run.id), "rerun")
    return _rerun(path, debug, "GitHub starts every job of this run again")


def cancel_run(run: RunKey) -> Call:
    """Jobs that run are told to end."""
    path = repository_path(run.repository, "actions", "runs", str(run.id), "cancel")
    return Call("POST", path, ("GitHub tells every job of this run to end",), needs=str(WRITE_ACTIONS), means=_ENDED)


def force_cancel_run(run: RunKey) -> Call:
    """Nobody is asked any more."""
    path = repository_path(run.repository, "actions", "runs", str(run.id), "force-cancel")
    why = "GitHub ends every job of this run at once, whatever its steps and its runner are doing"
    return Call("POST", path, (why,), needs=str(WRITE_ACTIONS), means=_ENDED)


def remove_runner(runner: RunnerKey) -> Call:
    """GitHub refuses while it is busy."""
    why = "GitHub forgets this runner, which cannot connect any more until it is registered again"
    busy = {422: "GitHub calls it busy: it runs a job, or was lost with one that is not given up yet."}
    return Call("DELETE", _runner_path(runner), (why,), needs=str(to_write_runners(scope_of(runner.scope))), means=busy)


def add_labels(runner: RunnerKey, labels: Sequence[str]) -> Call:
    """Beside those that it has."""
    why = "GitHub gives this runner these labels beside those that it has"
    needs = str(to_write_runners(scope_of(runner.scope)))
    return Call("POST", _runner_path(runner, "labels"), (why,), {"labels": list(labels)}, needs=needs)


def remove_label(runner: RunnerKey, label: str) -> Call:
    """One custom label."""
    path = _runner_path(runner, "labels", label)
    needs = str(to_write_runners(scope_of(runner.scope)))
    return Call("DELETE", path, ("GitHub takes this label from the runner",), needs=needs)


def generate_jitconfig(scope: Scope, name: str, group_id: int, labels: Sequence[str]) -> Call:
    """The runner is listed from then on, offline; it gets these labels and no others."""
    return Call(
        "POST",
        scope_path(scope, "actions", "runners", "generate-jitconfig"),
        ("GitHub makes a runner for one job, and gives its configuration once",),
        {"name": name, "runner_group_id": group_id, "labels": list(labels)},
        "jit-config",
        str(to_write_runners(scope)),
    )


def registration_token(scope: Scope) -> Call:
    """Good for an hour."""
    path = scope_path(scope, "actions", "runners", "registration-token")
    why = "GitHub gives a token, good for an hour, with which runners are registered"
    return Call("POST", path, (why,), gives="registration-token", needs=str(to_write_runners(scope)))


def remove_token(scope: Scope) -> Call:
    """Good for an hour."""
    path = scope_path(scope, "actions", "runners", "remove-token")
    why = "GitHub gives a token, good for an hour, with which a runner is taken off its list"
    return Call("POST", path, (why,), gives="remove-token", needs=str(to_write_runners(scope)))


def delete_cache(repository: str, cache_id: int, key: str) -> Call:
    """This entry and no other one of its key."""
    path = repository_path(repository, "actions", "caches", str(cache_id))
    said: Phrase = ("GitHub deletes this one entry of the cache: ", Name(key))
    return Call("DELETE", path, said, needs=str(WRITE_ACTIONS), means=_GONE)


def delete_cache_of_key(repository: str, key: str, ref: str) -> Call:
    """What there is of this key on this ref, an entry that is not listed because its upload never ended among it."""
    path = repository_path(repository, "actions", "caches")
    said: Phrase = ("GitHub deletes what it has of this key on this ref, and nothing on other refs: ", Name(key))
    return Call(
        "DELETE",
        f"{path}?key={quote(key, safe='')}&ref={quote(ref, safe='')}",
        said,
        needs=str(WRITE_ACTIONS),
        means={404: "Nothing holds this key on this ref any more: “Re-run job” will do."},
    )


def publish_release(repository: str, release_id: int) -> Call:
    """A draft becomes visible to everybody who sees the repository."""
    path = repository_path(repository, "releases", str(release_id))
    return Call("PATCH", path, ("GitHub publishes this draft",), {"draft": False}, needs=str(WRITE_CONTENTS))


def delete_release(repository: str, release_id: int) -> Call:
    """With its files; the tag stays."""
    path = repository_path(repository, "releases", str(release_id))
    said = "GitHub deletes this release and its files; the tag stays"
    return Call("DELETE", path, (said,), needs=str(WRITE_CONTENTS), means=_GONE)


def _rerun(path: str, debug: bool, why: str) -> Call:
    body = {"enable_debug_logging": True} if debug else None
    said = f"{why}, with debug logging" if debug else why
    return Call("POST", path, (said,), body, needs=str(WRITE_ACTIONS))


def _runner_path(runner: RunnerKey, *tail: str) -> str:
    return scope_path(scope_of(runner.scope), "actions", "runners", str(runner.id), *tail)
