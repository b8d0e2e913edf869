"""What a repository's cache must show."""

import msgspec

from console.fleet.evidence import CachesOf, Evidence
from console.fleet.models import Name
from console.fleet.plans import Judgement
from console.fleet.words import several


class CachesGone(msgspec.Struct, frozen=True):
    """None of these entries is listed any more."""

    repository: str
    key: str
    ids: tuple[int, ...]

    def judge(self, evidence: Evidence) -> Judgement:
        """By their ids: another one of the same key may have been saved meanwhile."""
        listed = {cache.id for cache in evidence.of(CachesOf(self.repository, self.key))}
        left = len(listed & {*self.ids})
        if left:
            return Judgement(False, (f"GitHub still lists {several(left, 'entry', 'entries')} of it: ", Name(self.key)))
        return Judgement(True, ("GitHub lists it no more: ", Name(self.key)))
