"""Whom the runners of a scope may serve. Pure."""


def covers(scope: str, repository: str) -> bool:
    """Whether the runners of a scope may serve a repository (`owner/name` in lower case).

    Those of an enterprise may serve any: whether they do is told by their groups alone.
    """
    kind, _, name = scope.lower().partition(":")
    if kind == "enterprise":
        return True
    return repository == name if kind == "repo" else repository.partition("/")[0] == name
