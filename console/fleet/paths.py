"""Paths below the API address, made of names that stay single segments whatever is in them."""

import re
from urllib.parse import quote

from console.errors import UsageError, printable
from console.fleet.models import Scope

_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")


def is_repository_name(name: str) -> bool:
    """Whether it is safe to make a path of it."""
    return _REPOSITORY.fullmatch(name) is not None and not {".", ".."} & set(name.split("/"))


def path_of(*segments: str) -> str:
    """A path of names that stay single segments, whatever is in them."""
    if {"", ".", ".."} & set(segments):
        raise UsageError("An empty name, `.` or `..` names nothing on GitHub", "Check the scopes and repositories.")
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


def repository_path(name: str, *tail: str) -> str:
    """The path of something in a repository."""
    if not is_repository_name(name):
        raise UsageError(f"{printable(name)} is not the name of a repository", "It looks like owner/name.")
    return path_of("repos", *name.split("/"), *tail)


def scope_path(scope: Scope, *tail: str) -> str:
    """The path of something in a scope."""
    if scope.kind == "repo":
        return repository_path(scope.name, *tail)
    return path_of("enterprises" if scope.kind == "enterprise" else "orgs", scope.name, *tail)


def web_path(scope: Scope) -> str:
    """Where it is below GitHub's address in a browser, which is also what a runner's settings name."""
    return f"enterprises/{scope.name}" if scope.kind == "enterprise" else scope.name


def scope_of(written: str) -> Scope:
    """`enterprise:acme-corp`, `org:acme` or `repo:acme/web`, as keys and settings have it."""
    kind, _, name = written.partition(":")
    if kind == "enterprise":
        return Scope("enterprise", name)
    if kind == "org":
        return Scope("org", name)
    if kind == "repo":
        return Scope("repo", name)
    looks = "It looks like enterprise:acme-corp, org:acme or repo:acme/web."
    raise UsageError(f"{printable(written)} is not a scope", looks)
