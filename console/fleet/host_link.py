"""The last links of an explanation's chain: what the hosts of suspected runners say."""

from collections.abc import Iterable

from msgspec.structs import replace

from console.fleet.findings import Condition, Explanation
from console.fleet.host_causes import (
    LEFT_LYING,
    LISTENS_UNSEEN,
    HostCause,
    Hosts,
    causes_on_host,
    listens_unseen,
    of_several,
    words_of_host,
)
from console.fleet.host_chain import host_chain
from console.fleet.models import FleetSnapshot, Name, Phrase, RunnerKey
from console.fleet.words import named, sentence

_TEXT = "nothing on the other hosts is in the way"
_UNASKED = frozenset({"unknown", "busy-without-job", "missing"})
"""Of these causes no host is asked by itself."""
_MOST = 3


def on_hosts(explanation: Explanation, snapshot: FleetSnapshot, keys: Iterable[RunnerKey], hosts: Hosts) -> Explanation:
    """With what was found on the hosts that were asked; the same where none was."""
    keys = tuple(keys)
    asked = [key for key in keys if key in hosts and key in snapshot.runners][:_MOST]
    if not asked or explanation.cause in _UNASKED:
        return explanation
    waiting = explanation.cause in LEFT_LYING
    found = {key: causes_on_host(snapshot, key, hosts, waiting=waiting) for key in asked}
    words = _words(snapshot, asked, found, hosts)
    first = next((key for key in asked if found[key]), asked[0])
    chain = (*explanation.conditions, *host_chain(hosts[first], found[first]))
    if len(asked) > 1:
        chain = (*chain, _link(snapshot, [key for key in asked if key != first], found, hosts))
    main = next((causes[0] for causes in found.values() if causes), None)
    if main is None or len({causes[0].cause for causes in found.values() if causes}) > 1:
        # Where nothing is wrong there is nothing that its host could tell why.
        said = words if explanation.cause or main is not None else ()
        told = replace(explanation, conditions=chain, notes=(*explanation.notes, *said))
        unseen = listens_unseen(explanation.cause, snapshot, asked, hosts) if main is None else None
        return told if unseen is None else replace(told, helps=unseen, remedied=LISTENS_UNSEEN)
    evidence = dict.fromkeys(line for causes in found.values() for cause in causes[:1] for line in cause.evidence)
    return replace(
        explanation,
        conditions=chain,
        cause=main.cause,
        certainty=of_several(main, sum(map(bool, found.values())), len(keys)),
        suspicion=main.suspicion,
        helps=main.helps,
        remedied=main.remedied,
        notes=(*evidence, *explanation.notes),
    )


def _link(
    snapshot: FleetSnapshot, asked: list[RunnerKey], found: dict[RunnerKey, tuple[HostCause, ...]], hosts: Hosts
) -> Condition:
    """Not met where something was found; unknown where a host could not tell, or a V2 listener is merely silent."""
    suspicions = dict.fromkeys(cause.suspicion for key in asked for cause in found[key][:1])
    if suspicions:
        parts: Phrase = ()
        for suspicion in suspicions:
            parts = (*parts, "; ", *suspicion) if parts else suspicion
        return Condition(_TEXT, parts, False)
    names = named([snapshot.runners[key].name for key in asked])
    if any(hosts[key].unknown for key in asked):
        why = next(hosts[key].unknown for key in asked if hosts[key].unknown)
        return Condition(_TEXT, sentence("not known of ", names, ": ", Name(why)), None)
    return Condition(_TEXT, sentence("nothing was found on the host of ", names), None)


def _words(
    snapshot: FleetSnapshot, asked: list[RunnerKey], found: dict[RunnerKey, tuple[HostCause, ...]], hosts: Hosts
) -> tuple[Phrase, ...]:
    return tuple(words_of_host(snapshot, key, hosts[key], found[key]) for key in asked)
