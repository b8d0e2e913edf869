"""What a host must show once a directory was removed, as the proof."""

import msgspec

from console.fleet.evidence import DirectoryOf, DirectorySizesOf, Evidence
from console.fleet.hosts import Located
from console.fleet.models import Name
from console.fleet.plans import Judgement
from console.fleet.words import size_in_words


class RoomMade(msgspec.Struct, frozen=True):
    """It is gone, and its disk has more room than before."""

    located: Located
    name: str
    free: int
    """Bytes, before."""
    kept: bool = False
    """The directory itself stays, and only old files in it go."""

    def judge(self, evidence: Evidence) -> Judgement:
        """First that it is gone."""
        path = f"{self.located.directory}/{self.name}"
        if not self.kept and evidence.of(DirectoryOf(self.located.host, path)).owner:
            return Judgement(False, ("There is still something called ", Name(self.name), "."))
        free = evidence.of(DirectorySizesOf(self.located)).free_for(self.name)
        gone = "Its old files are gone" if self.kept else "It is gone"
        if free is None:
            return Judgement(False, (f"{gone}; how much room there is could not be told.",))
        room = f"{size_in_words(free)} free, {size_in_words(self.free)} before"
        if free <= self.free:
            return Judgement(False, (f"{gone}, but there is no more room than before: {room}.",), after=room)
        return Judgement(True, (f"{gone}: {room}.",), after=room)
