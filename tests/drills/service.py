"""Kill the processes of a running service at many moments, and judge what comes back.

Run by ``make drills``. One service of the invented county goes on through all points: its users and
Prefect are in PostgreSQL, and an object store shares its archive and runs. Jobs run one after the
other, lists are approved, and at a random moment one process is killed. Then the service has to
come back by itself, with all that it had, and do the next job.
"""

import argparse
import contextlib
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from tests.drills.bucket import check_bucket, check_other_machine
from tests.drills.judge import Score, check_run, count_leftovers, find_losses, take_stock
from tests.drills.served import TARGETS, DrilledService, wait_for
from tests.drills.table import add_figures, write_service_table
from tests.object_store import KEYS, ObjectStore, serve_object_store
from tests.postgres import PostgresServer, serve_postgres

_JOB = {"flow": "run-campaign", "name": "county"}
#: What is killed may end the job that runs; whatever else is killed, the job may go on.
_ENDS_JOBS = ("Prefect's server", "worker", "a job", "the whole service")
#: What no sentence for a person has in it.
_FOREIGN = re.compile(r"Traceback|exception|status code|https?://")
#: The latest moment of a kill, and the longest time that a server is then away, in seconds.
_LATEST_SECONDS, _LONGEST_AWAY_SECONDS = 15.0, 3.0


@dataclass
class Drill:
    """A service, what it stands on, and what it acknowledged.

    Parameters
    ----------
    service, database, store
        What runs; no database means SQLite, and no store means the folder alone.
    rng
        Of all moments.
    approved
        Runs whose approval was acknowledged, and by whom; grows.
    job, killed
        The last job, and what was killed during it.
    made
        How many jobs made their run, and how many ended in another way.
    """

    service: DrilledService
    database: PostgresServer | None
    store: ObjectStore | None
    rng: random.Random
    approved: dict[str, str] = field(default_factory=dict)
    job: str = ""
    killed: list[str] = field(default_factory=list)
    made: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def draw_targets(self) -> list[str]:
        """Return what can be killed here, in a random order; what takes a minute, once in two."""
        absent = {"PostgreSQL": self.database is None, "object store": self.store is None}
        names = [name for name in TARGETS if not absent.get(name, False)]
        names = [*names, *(name for name in names if name != "the whole service")]
        return self.rng.sample(names, len(names))

    def start_job(self, reason: str) -> None:
        """Start a job."""
        values = {"campaign": "county", "reason": reason}
        self.job = self.service.ask("/jobs", {**_JOB, "values": values})["id"]
        self.killed = []

    def read_job(self) -> dict[str, Any]:
        """Return what the portal says of the last job."""
        answer: dict[str, Any] = self.service.ask(f"/jobs/{self.job}")
        return answer

    def check_job(self) -> list[str]:
        """Wait for the end of the last job, and return what is wrong with it."""
        if not wait_for(lambda: self.read_job()["ended_at"]):
            return [f"the job hangs: {self.read_job()['state']}"]
        end = self.read_job()
        is_made = "is made" in end["message"]
        self.made[is_made] += 1
        message = f"the job ended with: {end['message'] or 'nothing'}"
        is_sentence = end["message"].endswith(".") and not _FOREIGN.search(end["message"])
        return [] if is_made or (is_sentence and set(self.killed) - {"portal"}) else [message]


def drill_point(drill: Drill, target: str, score: Score) -> None:
    """Let a job run, approve a list, kill one process meanwhile, and judge what comes back.

    Parameters
    ----------
    drill
        What runs.
    target
        A name of ``TARGETS``.
    score
        Counts this point.
    """
    service, faults = drill.service, []
    before = take_stock(service.folder)
    offers = {offer["flow"]: offer["is_scheduled"] for offer in service.ask("/offers")}
    if not drill.job or drill.read_job()["ended_at"]:
        faults += drill.check_job() if drill.job else []
        drill.start_job(target)

    # Somebody approves while the process is killed; what was acknowledged has to be there.
    runs = [run["id"] for run in service.ask("/runs") if not run["approved_by"]]
    approver = threading.Thread(target=_approve, args=(service, runs[:1], drill.approved))
    if target == "a job":
        wait_for(lambda: service.find_processes(TARGETS[target]) or drill.read_job()["ended_at"])
    moment = drill.rng.random() * _LATEST_SECONDS
    time.sleep(moment)
    approver.start()
    time.sleep(drill.rng.random() * 0.5)
    is_killed = _kill(drill, target)
    drill.killed.append(target)
    approver.join()

    if not wait_for(service.is_ready):
        faults.append("the service did not come back")
    elif target in _ENDS_JOBS:
        faults += drill.check_job()
        drill.job = ""
    faults += find_losses(before, service.folder, score) + check_run(service.folder)
    faults += _check_approvals(service, drill.approved)
    now = {offer["flow"]: offer["is_scheduled"] for offer in service.ask("/offers")}
    faults += ["the schedule is another one"] if now != offers else []
    faults += check_bucket(drill.store.survey(), drill.store.read) if drill.store else []
    if is_killed or faults:  # else a job that had ended before
        score.add(f"{target} killed after {moment:.1f} s: {fault}" for fault in faults)


def _kill(drill: Drill, target: str) -> bool:
    """Kill what a point is about, unless it is gone; start again what is run by hand."""
    server = {"PostgreSQL": drill.database, "object store": drill.store}.get(target)
    if server is not None:
        server.kill()
        time.sleep(drill.rng.random() * _LONGEST_AWAY_SECONDS)
        server.start()
    elif target == "the whole service":
        drill.service.kill()
        drill.service.start()
    else:
        found = drill.service.find_processes(TARGETS[target])
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return bool(found)
    return True


def _approve(service: DrilledService, runs: list[str], approved: dict[str, str]) -> None:
    """Approve a list, and note it if the portal says that it is."""
    for run in runs:
        with contextlib.suppress(OSError, ValueError):
            answer = service.ask(f"/runs/{run}/approval", {"accepts_unreadable": True})
            if answer["approved_by"]:
                approved[run] = answer["approved_by"]


def _check_approvals(service: DrilledService, approved: dict[str, str]) -> list[str]:
    """Ask the portal which acknowledged approvals are there, and return what is wrong."""
    address = f"http://127.0.0.1:{service.port}/audit.csv"
    with urllib.request.urlopen(address, timeout=120) as answer:
        acts = answer.read().decode()
    folder = service.home / "runs" / "approvals"
    return check_approvals(service.ask("/runs"), acts, folder, approved)


def check_approvals(
    runs: Sequence[dict[str, Any]], acts: str, folder: Path, approved: dict[str, str]
) -> list[str]:
    """Return which acknowledged approvals are lost, doubled, or not written down.

    Parameters
    ----------
    runs, acts
        What the portal says: its runs, and its audit log as CSV.
    folder
        Of the approvals, one file for each run.
    approved
        Run to who approved it, as the portal acknowledged.
    """
    kept = {run["id"]: run["approved_by"] for run in runs}
    return [
        f"the approval of {run} is lost, doubled, or not in the audit log"
        for run, by in approved.items()
        if kept.get(run) != by
        or not (folder / f"{run}.json").is_file()
        or acts.count(f"approves,{run}") != 1
    ]


def run_points(
    points: int, seed: int, minutes: float, *, postgres: bool, bucket: bool
) -> dict[str, Score]:
    """Drill a service at many points, and return the figures by what was killed.

    Parameters
    ----------
    points
        Number of points that count, shared among all targets. A job that had ended before it was
        killed does not count, and another point is made.
    seed
        Of all moments.
    minutes
        No point is begun after so many.
    postgres
        Whether users, audit log, and Prefect are in PostgreSQL, which is then killed too.
    bucket
        Whether archive, runs, and approvals are shared through an object store, which is then
        killed too.
    """
    scores = {name: Score() for name in TARGETS}
    rng, until = random.Random(seed), time.monotonic() + 60 * minutes
    with contextlib.ExitStack() as stack:
        drill = _start_drill(stack, rng, postgres=postgres, bucket=bucket)
        queue: list[str] = []
        while (number := sum(score.tried for score in scores.values())) < points:
            if time.monotonic() > until:
                break
            queue = queue or drill.draw_targets()
            target = queue.pop()
            score, start = scores[target], time.monotonic()
            known = len(score.faults)
            drill_point(drill, target, score)
            seconds = f"{time.monotonic() - start:.0f} s"
            tries = f"{score.survived} of {score.tried}"
            print(number + 1, target, tries, seconds, *score.faults[known:], flush=True)
        last = scores["the whole service"]
        end = _finish(drill, last)
        last.faults += end
        last.survived -= bool(end)
        print(f"approvals acknowledged: {len(drill.approved)}; jobs: {drill.made[True]} made")
        print(f"their run, {drill.made[False]} did not; after the last point:", *end or ["well"])
    return scores


def _start_drill(
    stack: contextlib.ExitStack, rng: random.Random, *, postgres: bool, bucket: bool
) -> Drill:
    """Start all that the service stands on, then the service."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="service-drill-")))
    sandbox = stack.enter_context(Sandbox(InventedCounty()))
    env = {
        "OUTREACH_API_URL": sandbox.url,
        "OUTREACH_FILES_URL": sandbox.url,
        "OUTREACH_CENSUS_API_KEY": sandbox.key,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    database = stack.enter_context(serve_postgres()) if postgres else None
    if database is not None:
        env["OUTREACH_DATABASE"] = database.make_database("outreach")
    store = stack.enter_context(serve_object_store()) if bucket else None
    if store is not None:
        address = store.make_bucket()
        env |= KEYS | {"OUTREACH_STORAGE": address, "OUTREACH_STORAGE_ENDPOINT": store.endpoint}
    _write_campaign(folder)
    service = DrilledService(folder, env)
    stack.callback(service.stop)
    service.start()
    assert wait_for(service.is_ready)
    return Drill(service, database, store, rng)


def _write_campaign(folder: Path) -> None:
    """Write the campaign of a few tracts, so that a job is short."""
    from tests.drills.homes import EXAMPLES  # noqa: PLC0415  loads the models

    text = (EXAMPLES / "invented_county.toml").read_text(encoding="utf-8")
    tracts = ", ".join(f'"9900101{number:02d}00"' for number in range(1, 8))
    few = text.replace('county = "001"', f'county = "001"\ntracts = [{tracts}]')
    campaigns = folder / "outreach-data" / "campaigns"
    campaigns.mkdir(parents=True)
    (campaigns / "county.toml").write_text(few, encoding="utf-8")


def _finish(drill: Drill, score: Score) -> list[str]:
    """Let one more job come to its end, and return what is wrong after it."""
    if drill.job:
        wait_for(lambda: drill.read_job()["ended_at"])
    drill.start_job("the last one")
    faults, folder = drill.check_job(), drill.service.folder
    if drill.store:
        faults += check_other_machine(drill.service)
    return faults + count_leftovers(folder, score)


def main() -> None:
    """Drill, write the table if asked to, and exit with 1 if anything did not survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2030)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--sqlite", action="store_true", help="without PostgreSQL")
    parser.add_argument("--no-bucket", action="store_true", help="without an object store")
    parser.add_argument("--json", type=Path, help="add the figures to those of this file")
    parser.add_argument("--document", action="store_true", help="write docs/reliability.md")
    chosen = parser.parse_args()
    scores = run_points(
        chosen.points,
        chosen.seed,
        chosen.minutes,
        postgres=not chosen.sqlite,
        bucket=not chosen.no_bucket,
    )
    if chosen.json:
        scores = add_figures({"service": scores}, chosen.json)["service"]
    if chosen.document:
        write_service_table(scores, chosen.seed)
    sys.exit(any(score.faults for score in scores.values()))


if __name__ == "__main__":
    main()
