"""What the releases of a repository must show."""

import msgspec

from console.fleet.evidence import Evidence, ReleasesOf, RunNow
from console.fleet.models import Name, RunKey
from console.fleet.plans import Judgement
from console.fleet.words import several


class ReleasePublished(msgspec.Struct, frozen=True):
    """It is no draft any more."""

    repository: str
    release: int

    def judge(self, evidence: Evidence) -> Judgement:
        """By its id, which stays the same."""
        found = next((each for each in evidence.of(ReleasesOf(self.repository)) if each.id == self.release), None)
        if found is None:
            return Judgement(False, ("GitHub does not show the release any more.",), hopeless=True)
        return Judgement(not found.draft, ("It is still a draft." if found.draft else "It is published.",))


class ReleasesGone(msgspec.Struct, frozen=True):
    """None of these releases is there any more."""

    repository: str
    ids: tuple[int, ...]

    def judge(self, evidence: Evidence) -> Judgement:
        """By their ids."""
        left = {each.id for each in evidence.of(ReleasesOf(self.repository))} & {*self.ids}
        if left:
            return Judgement(False, (f"GitHub still shows {several(len(left), 'release')} of it.",))
        return Judgement(True, ("GitHub does not show it any more.",))


class Released(msgspec.Struct, frozen=True):
    """The run has ended well, and what there is of its tag is published, whole and there once."""

    repository: str
    tag: str
    run: RunKey
    attempt: int

    def judge(self, evidence: Evidence) -> Judgement:
        """The run first: while it goes on, its release may be anything."""
        run = evidence.of(RunNow(self.run))
        if run is None:
            return Judgement(False, ("GitHub does not know the run any more.",), hopeless=True)
        if run.attempt < self.attempt or run.status != "completed":
            return Judgement(False, (f"Attempt {run.attempt} of the run is ", Name(run.status), "."))
        if run.conclusion != "success":
            ended = Name(run.conclusion or "it does not say how")
            return Judgement(False, (f"Attempt {run.attempt} of the run has ended: ", ended, "."), hopeless=True)
        mine = [each for each in evidence.of(ReleasesOf(self.repository)) if each.tag == self.tag]
        if not mine:
            return Judgement(True, ("The run has ended well. GitHub shows no release of its tag to this token.",))
        wrong = "there more than once" if len(mine) > 1 else "still a draft" if mine[0].draft else ""
        wrong = wrong or ("not whole: files are missing" if mine[0].unfinished else "")
        if wrong:
            return Judgement(False, ("The run has ended well, and the release is ", wrong, "."), hopeless=True)
        return Judgement(True, (f"The release is published, with {several(mine[0].files, 'file')}.",))
