"""A request to the pretend GitHub as its endpoints see it, what they answer, and how they refuse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import urlencode

from console.simulator.answers import Answers
from console.simulator.inhabitants import Account, Enterprise, Repository
from console.simulator.places import encoded
from console.simulator.tokens import Access, Token
from console.simulator.world import World

DOCS = "https://docs.github.com/rest"
TELLS_VERSIONS_SINCE = (3, 13)
"""Before, Enterprise Server does not tell what version a runner is."""


class RefusedError(Exception):
    """GitHub says no, in its own words."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None, docs: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.docs = docs

    def body(self, docs: str) -> bytes:
        """As GitHub words it; `docs` is where the endpoint is described."""
        return encoded({"message": self.message, "documentation_url": self.docs or docs, "status": str(self.status)})


class NotFoundError(RefusedError):
    """Not there, or not for this token: GitHub does not say which."""

    def __init__(self) -> None:
        super().__init__(404, "Not Found")


class InvalidError(RefusedError):
    """The body is not what the endpoint takes."""

    def __init__(self, why: str) -> None:
        super().__init__(422, f"Invalid request.\n\n{why}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, and what of its headers depends on the endpoint."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    charged: bool = True
    status: int = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One request that has been let in."""

    world: World
    token: Token
    access: Access
    base: str
    """The address of the API as the client wrote it, without a slash at its end."""
    web: str
    store: str
    """Where logs are."""
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    api_version: str
    method: str = "GET"
    sent: Mapping[str, object] = field(default_factory=dict)
    """The body."""

    @property
    def answers(self) -> Answers:
        version = self.world.ghes_version
        plain = version is not None and tuple(map(int, version.split(".")[:2])) < TELLS_VERSIONS_SINCE
        return Answers(self.base, self.web, plain)

    def number(self, name: str) -> int:
        """A number in the path; what is none is not found."""
        text = self.parameters[name]
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise NotFoundError
        return int(text)

    def organization(self) -> Account:
        """The organisation of the path, if the token may see it and do what is asked."""
        account = self._account()
        if account is None or account.kind != "Organization" or not self.token.sees(account.login):
            raise NotFoundError
        self.require("You must be an org admin or have the runners and runner groups fine-grained permission.")
        return account

    def _account(self) -> Account | None:
        if "organization_id" in self.parameters:
            wanted = self.number("organization_id")
            return next((account for account in self.world.accounts.values() if account.id == wanted), None)
        return self.world.accounts.get(self.parameters["org"].lower())

    def enterprise(self) -> Enterprise:
        """The enterprise of the path, if the token may do there what is asked."""
        enterprise = self.world.enterprises.get(self.parameters["enterprise"].lower())
        if enterprise is None:
            raise NotFoundError
        self.require("You must be an enterprise admin, with a token that has the scope manage_runners:enterprise.")
        return enterprise

    def scope(self) -> str:
        """Whose runners the path is about, if the token may do there what is asked."""
        if "enterprise" in self.parameters:
            return self.enterprise().scope
        if "org" in self.parameters or "organization_id" in self.parameters:
            return f"org:{self.organization().login}"
        return f"repo:{self.repository().full_name}"

    def repository(self) -> Repository:
        """The repository of the path, if the token may see it and do what is asked."""
        repository = self._repository()
        if repository is None:
            raise NotFoundError
        if repository.private and not self.sees_private(repository):
            raise NotFoundError
        if repository.private or not self.access.private_only:
            self.require("Must have admin rights to Repository.")
        return repository

    def _repository(self) -> Repository | None:
        if "repository_id" in self.parameters:
            wanted = self.number("repository_id")
            return next((found for found in self.world.repositories.values() if found.id == wanted), None)
        name = f"{self.parameters['owner']}/{self.parameters['repo']}".lower()
        if name in self.world.moved:
            self._moved_to(self.world.moved[name])
        return self.world.repositories.get(name)

    def _moved_to(self, repository: Repository) -> None:
        rest = self.path.split("/", 4)[4:]
        address = "/".join([f"{self.base}/repositories/{repository.id}", *rest])
        address += f"?{urlencode(self.query)}" if self.query else ""
        if self.method != "GET":
            raise RefusedError(307, "Temporary Redirect", {"Location": address})
        raise RefusedError(301, "Moved Permanently", {"Location": address})

    def sees_private(self, repository: Repository) -> bool:
        """Whether a private repository exists for this token."""
        if self.token.kind == "anonymous" or not self.token.sees(repository.owner.login):
            return False
        return self.token.kind != "classic" or "repo" in self.token.scopes

    def require(self, words: str) -> None:
        """Refuse unless the token has what the endpoint asks for."""
        if self.token.may(self.access):
            return
        if self.token.kind == "anonymous":
            raise RefusedError(401, "Requires authentication")
        if self.token.kind != "classic":
            what = "integration" if self.token.kind == "installation" else "personal access token"
            words = f"Resource not accessible by {what}"
        raise RefusedError(403, words)

    def names(self, item: str, least: int) -> list[str]:
        """A list of names in the body, a hundred at most."""
        sent = self.sent.get(item)
        if not isinstance(sent, list):
            why = f'"{item}" wasn\'t supplied.' if sent is None else f"For 'properties/{item}', it is not an array."
            raise InvalidError(why)
        names = [name for name in sent if isinstance(name, str) and name.strip()]
        if len(names) != len(sent) or not least <= len(names) <= 100:
            raise InvalidError(f"For 'properties/{item}', {len(sent)} is not a number of items that will do.")
        return names

    def page(self) -> tuple[int, int]:
        """Which page is wanted, from 1, and how many items are on one."""
        return max(self._asked("page", 1), 1), min(max(self._asked("per_page", 30), 1), 100)

    def _asked(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default

    def paged(self, pieces: list[bytes], total: int, items: str, place: str) -> Answer:
        """`pieces` of the wanted page, out of `total`; `place` is the list's path as links have it.

        `items` names the list in the body; empty: the body is the list itself.
        """
        body = b"[" + b",".join(pieces) + b"]"
        if items:
            body = b'{"total_count":%d,"%s":%s}' % (total, items.encode(), body)
        link = self._link(total, place)
        return Answer(body, {"Link": link} if link else {})

    def _link(self, total: int, place: str) -> str:
        number, size = self.page()
        last = max(ceil(total / size), 1)
        wanted = {}
        if number > 1:
            wanted["prev"] = min(number - 1, last)
        if number < last:
            wanted |= {"next": number + 1, "last": last}
        if number > 1:
            wanted["first"] = 1
        return ", ".join(f'<{self._address(place, page)}>; rel="{rel}"' for rel, page in wanted.items())

    def _address(self, place: str, page: int) -> str:
        return f"{self.base}{place}?{urlencode({**self.query, 'page': str(page)})}"
