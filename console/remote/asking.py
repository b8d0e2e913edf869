"""Joins a question with its token, its turn and its answer."""

import asyncio
import re

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
        """The answer, and the fingerprint of the token that it was given to.

        After a 401 the token's source is asked once more, by one for all; meanwhile and afterwards nothing is sent
        with the refused token.
        """
        if self._renewing.locked():
            async with self._renewing:
                pass
        token = await self._token(question)
        try:
            return await self._sent(question, token, kept)
        except BadTokenError:
            if not self._governor.refused(_fingerprint(token)):
                raise
        async with self._renewing:
            token = await self._token(question)
            fingerprint = _fingerprint(token)
            if self._governor.refused(fingerprint):
                if fingerprint in self._asked_again:
                    raise bad_token()
                self._asked_again.add(fingerprint)
                await self._tokens.renew(question.owner)
                token = await self._token(question)
            # Whoever else was refused waits here for how this one ends.
            try:
                return await self._sent(question, token, kept)
            except BadTokenError:
                self._asked_again.add(_fingerprint(token))
                raise

    def ask_sources_again(self) -> None:
        """Somebody may have mended the source of a refused token: it is asked once more."""
        self._asked_again.clear()

    async def token(self, owner: str) -> SecretToken | None:
        """The token that would be used for this owner."""
        return await self._tokens.token(owner)

    async def _token(self, question: Question) -> SecretToken | None:
        token = await self._tokens.token(question.owner)
        if token is None and question.owner:
            raise NoTokenError(
                f"There is no token for {question.owner}, so {question.what} cannot be read",
                f"Store one with `runner-console auth login`. It needs: {question.needs}.",
            )
        return token

    async def _sent(self, question: Question, token: SecretToken | None, kept: Kept | None) -> tuple[Answer, str]:
        fingerprint = _fingerprint(token)
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
        fingerprint = _fingerprint(token)
        tag = kept.tag if kept is not None and kept.fingerprint == fingerprint else ""
        async with self._governor.turn(fingerprint, own=question.own):
            try:
                answer = await self._exchange.get(
                    question.url, self._headers(token, tag), redirected=question.redirected
                )
                if answer.status == 400 and self._api_version and "version" in message_of(answer.body).lower():
                    self._api_version = ""
                    answer = await self._exchange.get(
                        question.url, self._headers(token, tag), redirected=question.redirected
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

    def _headers(self, token: SecretToken | None, tag: str) -> dict[str, str]:
        headers = {"User-Agent": self._user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip"}
        if self._api_version:
            headers["X-GitHub-Api-Version"] = self._api_version
        if tag:
            headers["If-None-Match"] = tag
        if token is not None:
            headers["Authorization"] = f"Bearer {_revealed(token)}"
        return headers


def _fingerprint(token: SecretToken | None) -> str:
    return "" if token is None else token.fingerprint


def _revealed(token: SecretToken) -> str:
    """The token, once it is sure that the HTTP library will not quote it in a complaint about its characters."""
    secret = token.reveal()
    if _TOKEN.fullmatch(secret) is None:
        raise BadTokenError(
            "The token has characters that no token has", "Store it again, without spaces or line ends around it."
        )
    return secret
