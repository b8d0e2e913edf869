"""A runner's programs, as far as its host can tell them from the real ones. Runs on a test host, by its own Python.

They do what they are ordered: each file `orders/N.json` in the runner's directory is one order for the listener, each
in `orders/worker` one for the worker of the running job.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

VERSION = "2.336.0"
SECRET = "canary-of-the-job-message"
_RESULTS = {"Succeeded": 100, "SucceededWithIssues": 101, "Failed": 102, "Canceled": 103}
_AFTER = {
    0: "with 0 return code, stop the service, no retry needed.",
    1: "with terminated error, stop the service, no retry needed.",
    2: "with retryable error, re-launch runner in 5 seconds.",
    5: "with Session Conflict error, stop the service, no retry needed.",
}
_FINAL = (0, 1, 5)
_ACQUIRING = 0.25
"""Seconds. A listener of today connects to GitHub's run service and asks it for the job, before there is a worker."""


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"


def _orders(place: Path) -> Iterator[dict[str, Any]]:
    """Each once, for ever; between them an empty one, so that there is time for other things. A job stays until it is
    acquired: one that is not goes to the next listener."""
    while True:
        for path in sorted(place.glob("*.json")):
            order = json.loads(path.read_text())
            if order["do"] != "job":
                path.unlink()
            yield {**order, "path": path}
        yield {}
        time.sleep(0.02)


class Diary:
    """A `_diag` log: a new file for each process and for each roll, flushed after every line."""

    def __init__(self, kind: str, root: Path) -> None:
        self._kind, self._root = kind, root
        self._file = self._next()

    def _next(self) -> TextIO:
        directory = self._root / "_diag"
        while (path := directory / f"{self._kind}_{datetime.now(UTC):%Y%m%d-%H%M%S}-utc.log").exists():
            time.sleep(0.05)
        return path.open("w", encoding="utf-8", errors="surrogateescape")

    def roll(self) -> None:
        self._file.close()
        self._file = self._next()

    def write(self, source: str, message: str, level: str = "INFO") -> None:
        self._file.write(f"[{_stamp()} {level} {source}] {message}\n")
        self._file.flush()


class Output:
    """The output of one record, in files that reach the disk in blocks and are deleted once they are uploaded."""

    def __init__(self, begins: str, ends: str, limit: int, uploading: float) -> None:
        self._names = (Path(f"{begins}{number}{ends}") for number in range(1, 1000))
        self._limit = limit
        self._uploading = uploading
        self._uploads: list[threading.Timer] = []
        self._next()

    def _next(self) -> None:
        self._path = next(self._names)
        # What .NET writes reaches the disk 4096 bytes at a time.
        self._file = self._path.open("wb", buffering=4096)
        self._file.write(b"\xef\xbb\xbf")
        self._written = 0

    def write(self, line: str) -> None:
        now = datetime.now(UTC)
        self._written += self._file.write(
            f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond:06d}0Z {line}\n".encode("utf-8", "surrogateescape")
        )
        if self._written > self._limit:
            self._end_file()
            self._next()

    def _end_file(self) -> None:
        self._file.close()
        upload = threading.Timer(self._uploading, self._path.unlink)
        upload.start()
        self._uploads.append(upload)

    def end(self) -> None:
        self._end_file()
        for upload in self._uploads:
            upload.join()


def serve() -> None:
    """`node ./bin/RunnerService.js`: begins the listener, again and again."""
    root = Path.cwd()
    stopping = False
    while not stopping:
        print("Starting Runner listener with startup type: service", flush=True)
        listener = subprocess.Popen([f"{root}/bin/Runner.Listener", "run", "--startuptype", "service"])

        def stop(number: int, frame: FrameType | None, of: subprocess.Popen[bytes] = listener) -> None:
            nonlocal stopping
            stopping = True
            print("Shutting down runner listener\nSending SIGINT to runner listener to stop", flush=True)
            of.send_signal(signal.SIGINT)
            print("Sending SIGKILL to runner listener", flush=True)

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        print(f"Started listener process, pid: {listener.pid}\nStarted running service", flush=True)
        code = listener.wait()
        what = _AFTER.get(code, "with undefined return code, re-launch runner in 5 seconds.")
        print(f"Runner listener exited with error code {code}\nRunner listener exit {what}", flush=True)
        stopping = stopping or code in _FINAL
        if not stopping:
            time.sleep(5)


class Listener:
    """`Runner.Listener run --startuptype service`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._diary = Diary("Runner", root)
        self._worker: subprocess.Popen[bytes] | None = None
        self._job: dict[str, Any] = {}

    def run(self) -> int:
        signal.signal(signal.SIGINT, lambda *_: sys.exit(self._stopped()))
        jit = os.environ.pop("ACTIONS_RUNNER_INPUT_JITCONFIG", "")
        if jit:
            (self._root / ".jit").write_text(hashlib.sha256(jit.encode()).hexdigest())
        self._diary.write("RunnerProcess", "Runner package is linux-x64")
        self._diary.write("Listener", f"Version: {VERSION}")
        self._say("")
        self._say("√ Connected to GitHub")
        self._say("")
        self._say(f"Current runner version: '{VERSION}'")
        self._say(f"{_stamp()}: Listening for Jobs")
        for order in _orders(self._root / "orders"):
            match order.get("do"):
                case "say":
                    self._say(order["text"])
                case "diary":
                    self._diary.write("JobDispatcher", order["text"])
                case "roll":
                    self._diary.roll()
                case "raw":
                    sys.stdout.buffer.write(bytes.fromhex(order["hex"]))
                    sys.stdout.buffer.flush()
                case "job":
                    self._begin(order)
                case "exit":
                    return int(order["code"])
            if self._worker is not None and self._worker.poll() is not None:
                self._ended(self._worker.returncode)
        return 0

    def _say(self, line: str) -> None:
        """On the console, and so twice."""
        print(line, flush=True)
        self._diary.write("Terminal", f"WRITE LINE: {line}")

    def _begin(self, job: dict[str, Any]) -> None:
        """A job that is offered has to be acquired, by a request; who is told to end meanwhile gives that up."""
        self._diary.write("MessageListener", f"Acknowledging runner request '{job['request']}'.")
        time.sleep(_ACQUIRING)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        job.pop("path").unlink()
        self._job = job
        self._diary.write(
            "JobDispatcher", f"Job request {job['request']} for plan {job['plan']} job {job['id']} received."
        )
        self._say(f"{_stamp()}: Running job: {job['name']}")
        environment = {**os.environ, "STAND_IN_JOB": json.dumps(job)}
        self._worker = subprocess.Popen(
            [f"{self._root}/bin/Runner.Worker", "spawnclient", "118", "121"],
            cwd=f"{self._root}/bin",
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        self._diary.write(
            "JobDispatcher",
            f"Successfully renew job {job['id']}, job is valid till {datetime.now(UTC):%m/%d/%Y %H:%M:%S}",
        )
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def _ended(self, code: int) -> None:
        self._worker = None
        result = next((name for name, number in _RESULTS.items() if number == code), "Failed")
        if code not in _RESULTS.values():
            words = "indicate worker encounter an unhandled exception or app crash"
            self._diary.write("JobDispatcher", f"Return code {128 - code if code < 0 else code} {words}")
        self._say(f"{_stamp()}: Job {self._job['name']} completed with result: {result}")

    def _stopped(self) -> int:
        self._say("Exiting...")
        if self._worker is not None:
            self._worker.terminate()
            self._worker.wait()
            self._ended(_RESULTS["Failed"])
        return 0


def work(root: Path) -> int:
    """`Runner.Worker spawnclient`: one job."""
    job = json.loads(os.environ["STAND_IN_JOB"])
    diary = Diary("Worker", root)
    diary.write("Worker", f"Version: {VERSION}")
    message = {"jobId": job["id"], "jobDisplayName": job["name"], "variables": {"x": {"value": SECRET}}}
    diary.write("Worker", "Job message:\n" + json.dumps(message, indent=2))
    diary.write("JobRunner", f"Job ID {job['id']}")
    record = f"{job['timeline']}_{job['id']}"
    uploading = job.get("uploading", 1.0)
    outputs = (
        Output(f"{root}/_diag/pages/{record}_", ".log", job.get("page", 8 * 1024 * 1024), uploading),
        Output(f"{root}/_diag/blocks/{record}.", "", 2 * 1024 * 1024, uploading),
    )
    for order in _orders(root / "orders" / "worker"):
        match order.get("do"):
            case "step":
                diary.write("StepsRunner", f"Processing step: DisplayName='{order['name']}'")
                diary.write("StepsRunner", "Starting the step.")
            case "print":
                for number in range(order.get("first", 0), order.get("first", 0) + order.get("times", 1)):
                    for output in outputs:
                        output.write(order["text"].replace("NUMBER", f"{number:08d}"))
                    time.sleep(order.get("pause", 0) if number % 100 == 99 else 0)
            case "crash":
                os.kill(os.getpid(), signal.SIGKILL)
            case "end":
                diary.write("JobRunner", f"Job result after all job steps finish: {order['result']}")
                for output in outputs:
                    output.end()
                return _RESULTS[order["result"]]
    return 0


def main() -> int:
    """Whose name it was started by."""
    program = Path(sys.orig_argv[0]).name
    if program == "Runner.Listener":
        return Listener(Path(sys.orig_argv[0]).parent.parent).run()
    if program == "Runner.Worker":
        return work(Path(sys.orig_argv[0]).parent.parent)
    serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
