"""What the pretend GitHub gives for runners: tokens to register and remove with, configurations for one job."""

import json
from base64 import b64encode
from datetime import datetime, timedelta
from random import Random
from typing import Literal, NamedTuple

from console.simulator.host_tree import settings_of
from console.simulator.inhabitants import Runner
from console.simulator.timeline import Timeline

GOOD_FOR = timedelta(hours=1)
_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

Purpose = Literal["registration", "remove"]


class Token(NamedTuple):
    """Good for one scope and one purpose."""

    scope: str
    purpose: Purpose
    ends: datetime


class Registrations:
    """Of all scopes."""

    def __init__(self, timeline: Timeline, random: Random) -> None:
        self._timeline = timeline
        self._random = random
        self._tokens: dict[str, Token] = {}
        self._configured: dict[str, Runner] = {}

    def token(self, scope: str, purpose: Purpose) -> tuple[str, datetime]:
        """A new one, and until when it is good."""
        secret = "A" + "".join(self._random.choices(_CHARACTERS, k=28))
        self._tokens[secret] = Token(scope, purpose, self._timeline.now + GOOD_FOR)
        return secret, self._tokens[secret].ends

    def honours(self, secret: str, scope: str, purpose: Purpose) -> bool:
        """Whether it is good for that now."""
        found = self._tokens.get(secret)
        return found is not None and found[:2] == (scope, purpose) and self._timeline.now < found.ends

    def configuration(self, runner: Runner, web: str) -> str:
        """With which that runner is started, once."""
        key = {"d": self._random.randbytes(96).hex(), "exponent": "AQAB"}
        login = {"Scheme": "OAuth", "Data": {"ClientId": f"{self._random.getrandbits(128):032x}"}}
        files = {
            ".runner": settings_of(runner, web),
            ".credentials": json.dumps(login).encode(),
            ".credentials_rsaparams": json.dumps(key).encode(),
        }
        packed = json.dumps({name: b64encode(content).decode() for name, content in files.items()})
        encoded = b64encode(packed.encode()).decode()
        self._configured[encoded] = runner
        return encoded

    def take(self, encoded: str) -> Runner | None:
        """Whose configuration this is. None: nobody's, or it was taken before."""
        return self._configured.pop(encoded, None)
