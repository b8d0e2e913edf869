"""Joins a question with its token, its turn and its answer."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from console.errors import BadTokenError, ConsoleError, LimitReachedError, NoTokenError, ServerTroubleError
from console.remote.budget import Governor, bad_token
from console.remote.etags import Kept
from console.remote.exchange import Answer, CutShortError, Exchange
from console.remote.github_json import message_of
from console.remote.questions import Question
from console.remote.refusals import refusal
from console.remote.tokens import SecretToken, Tokens

ACCEPT = "application/vnd.github+json"
API_VERSION = "2022-11-28"

T = TypeVar("T")
_TOKEN = re.compile(r"[!-~]+")


class Asking:
    """Asks one API. Answers are 200 or 304; everything else is raised as a `ConsoleError` kind."""

    def __init__(self, exchange: Exchange, governor: Governor, tokens: Tokens, user_agent: str) -> None:
        self._exchange = exchange
        self._governor = governor
        self._tokens = tokens
        self._user_agent = user_agent
        self._api_version = API_VERSION
        self._renewing = asyncio.Lock()
        self._asked_again: set[str] = set()

    async def answer(self, question: Question, kept: Kept | None = None) -> tuple[Answer, str]:
        """The answer, and the fingerprint of the token that it was given to."""
        absent = NoTokenError(
            f"There is no token for {question.owner}, so {question.what} cannot be read",
            f"Store one with `runner-console auth login`. It needs: {question.needs}.",
        )
        return await self.with_token(question.owner, absent, lambda token: self._sent(question, token, kept))

    async def with_token(
        self, owner: str, absent: NoTokenError, attempt: Callable[[SecretToken | None], Awaitable[T]]
    ) -> T:
        """What comes of the attempt; `absent` is raised where an owner has no token.

        After a 401 the token's source is asked once more, by one for all, and the attempt is made again; meanwhile and
        afterwards nothing is sent with the refused token.
        """
        if self._renewing.locked():
            async with self._renewing:
                pass
        token = await self._token(owner, absent)
        try:
            return await attempt(token)
        except BadTokenError:
            if not self._governor.refused(fingerprint_of(token)):
                raise
        async with self._renewing:
            token = await self._token(owner, absent)
            fingerprint = fingerprint_of(token)
            if self._governor.refused(fingerprint):
                if fingerprint in self._asked_again:
                    raise bad_token()
                self._asked_again.add(fingerprint)
                await self._tokens.renew(owner)
                token = await self._token(owner, absent)
            # Whoever else was refused waits here for how this one ends.
            try:
                return await attempt(token)
            except BadTokenError:
                self._asked_again.add(fingerprint_of(token))
                raise

    def ask_sources_again(self) -> None:
        """Somebody may have mended the source of a refused token: it is asked once more."""
        self._asked_again.clear()

    async def token(self, owner: str) -> SecretToken | None:
        """The token that would be used for this owner."""
        return await self._tokens.token(owner)

    async def _token(self, owner: str, absent: NoTokenError) -> SecretToken | None:
        token = await self._tokens.token(owner)
        if token is None and owner:
            raise absent
        return token

    async def _sent(self, question: Question, token: SecretToken | None, kept: Kept | None) -> tuple[Answer, str]:
        fingerprint = fingerprint_of(token)
        try:
            return await self._once(question, token, kept), fingerprint
        except (CutShortError, ServerTroubleError):
            if not await self._governor.may_try_again():
                raise
        except LimitReachedError:
            if not await self._governor.waited_out(fingerprint):
                raise
        return await self._once(question, token, kept), fingerprint

    async def _once(self, question: Question, token: SecretToken | None, kept: Kept | None) -> Answer:
        fingerprint = fingerprint_of(token)
        tag = kept.tag if kept is not None and kept.fingerprint == fingerprint else ""
        async with self._governor.turn(fingerprint, own=question.own):
            try:
                answer = await self._exchange.get(
                    question.url, self.headers(token, tag), redirected=question.redirected
                )
                if answer.status == 400 and self._api_version and "version" in message_of(answer.body).lower():
                    self._api_version = ""
                    answer = await self._exchange.get(
                        question.url, self.headers(token, tag), redirected=question.redirected
                    )
            except ConsoleError as error:
                self._governor.failed(error)
                raise
            # Before the turn ends, so that whoever comes next knows of a limit.
            self._judge(question, fingerprint, answer, tag)
        return answer

    def _judge(self, question: Question, fingerprint: str, answer: Answer, tag: str) -> None:
        good = (
            answer.status == 200
            or (answer.status == 304 and tag != "")
            or (answer.status == 302 and question.redirected)
        )
        message = "" if good else message_of(answer.body)
        limit = self._governor.heard(fingerprint, answer.status, answer.headers, message)
        if limit is not None:
            raise limit
        if answer.status == 401:
            if not fingerprint:
                raise NoTokenError(
                    "GitHub tells nothing without a token", "Store one with `runner-console auth login`."
                )
            self._governor.refuse(fingerprint)
            raise bad_token()
        if not good:
            error = refusal(answer.status, answer.headers, message, question)
            if answer.status >= 500:
                self._governor.failed(error, answer.headers.get("retry-after", ""))
            raise error

    def headers(self, token: SecretToken | None, tag: str = "") -> dict[str, str]:
        """What every request carries."""
        headers = {"User-Agent": self._user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip"}
        if self._api_version:
            headers["X-GitHub-Api-Version"] = self._api_version
        if tag:
            headers["If-None-Match"] = tag
        if token is not None:
            headers["Authorization"] = f"Bearer {_revealed(token)}"
        return headers


def fingerprint_of(token: SecretToken | None) -> str:
    """Empty for none."""
    return "" if token is None else token.fingerprint


def _revealed(token: SecretToken) -> str:
    """The token, once it is sure that the HTTP library will not quote it in a complaint about its characters."""
    secret = token.reveal()
    if _TOKEN.fullmatch(secret) is None:
        raise BadTokenError(
            "The token has characters that no token has", "Store it again, without spaces or line ends around it."
        )
    return secret
