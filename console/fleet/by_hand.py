"""What a person types on a host where nothing that the console does helps. Pure."""

from collections.abc import Iterable, Sequence

from console.fleet.hosts import HostFacts, HostProcess
from console.fleet.models import Name, Phrase
from console.fleet.words import sentence

_BEFORE = " A restart cannot help before."
_FIND_SECOND: Phrase = (
    "Find the second listener and stop it: a cloned machine, a container, a shell; without one wait 4 minutes.",
    _BEFORE,
)
PERHAPS_LOST: Phrase = (
    "Type on its host: ps -eo pid,etime,args | grep '[R]unner.Worker'. A line of its directory proves that it works. "
    "None proves that the job is lost: then stop its service, delete the runner and register it again.",
)


def numbers(processes: Iterable[HostProcess]) -> str:
    """Of processes, as `ps` takes them."""
    return ",".join(str(each.pid) for each in processes)


def stop_second_listener(facts: HostFacts) -> Phrase:
    """Of one registration: in its own directory, in a copy of that, or nobody knows where."""
    unit, copies = facts.located.unit, facts.located.twins
    if len(facts.listeners) > 1:
        whose: Phrase = ("systemctl status ", Name(unit), " lists its own; ") if unit else ()
        shown = f"ps -o pid,ppid,lstart,args -p {numbers(facts.listeners)} shows all. "
        end = "End the other with kill -INT and its number, once no Runner.Worker is its child."
        return sentence("Type on its host: ", *whose, shown, end, _BEFORE)
    if copies:
        stop = "Stop the copy once no job runs there. Type on its host: sudo systemctl stop $(cat "
        return sentence(stop, Name(f"{copies[0]}/.service"), "). Then remove that directory's .runner.", _BEFORE)
    return _FIND_SECOND


def keep_it_on_one_host(others: Sequence[str]) -> Phrase:
    """A machine that was cloned: each pushes the other out."""
    where = "Decide which host keeps it. On each other one, such as "
    stop = ", once no job runs there: sudo systemctl stop its unit, then register it there under a name of its own."
    return sentence(where, Name(others[0]), stop, _BEFORE)


def new_session(facts: HostFacts, *, one_job: bool) -> Phrase:
    """For a listener that has to be started anew, with or without a service."""
    if facts.located.unit:
        return ("Restart the runner's service: it opens a new session.",)
    if one_job:
        return ("It is for one job, and no service of its own runs it: make it anew, or delete its pod.",)
    end = f"kill -INT {numbers(facts.listeners)} once no Runner.Worker is its child"
    return (f"No service of its own runs it. Type on its host: {end}. Then start it again as it was started.",)


def end_worker(facts: HostFacts) -> Phrase:
    """With care: it may still write something that is wanted."""
    found = numbers(facts.workers)
    look = f"Save what it has left (:salvage). Then type on its host: ps -fp {found} shows what it is; "
    return (f"{look}kill {found.replace(',', ' ')} ends it. A restart would cut off what it does.",)


def why_it_ends(facts: HostFacts) -> Phrase:
    """Of a listener that is started again and again."""
    unit = facts.located.unit
    journal: Phrase = ("journalctl -n 50 -u ", Name(unit), "; or read ") if unit else ("read ",)
    where = Name(f"{facts.located.directory}/_diag")
    read = sentence("Find out why it ends. Type on its host: ", *journal, "the newest Runner_*.log in ", where)
    return sentence(*read, ". Starting it once more cannot help before.")
