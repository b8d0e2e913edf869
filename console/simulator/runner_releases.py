"""What the pretend GitHub says of the runner's own releases: the newest one, and the files that hold it."""

from datetime import timedelta

from console.simulator.calls import Answer, Call
from console.simulator.inhabitants import Account, Release, Repository
from console.simulator.places import encoded

THE_RUNNER = "actions/runner"
PUBLISHED_AGO = timedelta(days=20)
_BUILDS = (("linux", "x64", "tar.gz"), ("linux", "arm64", "tar.gz"), ("osx", "arm64", "tar.gz"), ("win", "x64", "zip"))


def latest_runner(call: Call) -> Answer:
    """Of `actions/runner`, which everybody may read."""
    made = call.world.opens_at - PUBLISHED_AGO
    version = call.world.latest_runner
    place = Repository(
        155_310_000, Account(44_036_562, "actions"), "runner", private=False, created_at=made, pushed_at=made
    )
    files = tuple((_file(version, *build), 180_000_000) for build in _BUILDS)
    release = Release(9_000_001, f"v{version}", place.owner, made, made, made, files)
    return Answer(encoded(call.answers.release(place, release)))


def downloads(call: Call) -> Answer:
    """What an enterprise, an organisation or a repository hands out."""
    call.scope()
    version = call.world.latest_runner
    found = [
        {
            "os": system,
            "architecture": architecture,
            "filename": (name := _file(version, system, architecture, kind)),
            "download_url": f"{call.web}/{THE_RUNNER}/releases/download/v{version}/{name}",
        }
        for system, architecture, kind in _BUILDS
    ]
    return Answer(encoded(found))


def _file(version: str, system: str, architecture: str, kind: str) -> str:
    return f"actions-runner-{system}-{architecture}-{version}.{kind}"
