"""Kill the processes of a running service at many moments, and judge what comes back.

Run by ``make drills``. One service of the invented county goes on through all points. At each one a
job is started and a list approved, and at a random moment one process is killed. Then the service
has to come back by itself, with all that it had, and do the next job.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from tests.drills.judge import Score, check_run, count_leftovers, find_losses, take_stock
from tests.drills.served import TARGETS, DrilledService, wait_for
from tests.drills.table import write_service_table
from tests.postgres import PostgresServer, serve_postgres

_JOB = {"flow": "run-campaign", "name": "county"}


def drill_point(
    service: DrilledService,
    database: PostgresServer | None,
    target: str,
    rng: random.Random,
    approved: dict[str, str],
    score: Score,
) -> None:
    """Start a job, approve a list, kill one process meanwhile, and judge what comes back.

    Parameters
    ----------
    service, database
        What runs.
    target
        A name of ``TARGETS``.
    rng
        Of the moment.
    approved
        Runs whose approval was acknowledged, and by when; grows.
    score
        Counts this point.
    """
    before = take_stock(service.folder)
    offers = {offer["flow"]: offer["is_scheduled"] for offer in service.ask("/offers")}
    job = service.ask("/jobs", {**_JOB, "values": {"campaign": "county", "reason": target}})["id"]

    # Somebody approves while the process is killed; what was acknowledged has to be there.
    runs = [run["id"] for run in service.ask("/runs") if not run["approved_by"]]
    approver = threading.Thread(target=_approve, args=(service, runs[:1], approved))
    if target == "a job":
        wait_for(lambda: service.find_processes(TARGETS[target]))
    moment = rng.random() ** 2 * 20
    time.sleep(moment)
    approver.start()
    time.sleep(rng.random() * 0.5)
    is_killed = _kill(service, database, target)
    approver.join()

    faults = []
    if not wait_for(service.is_ready):
        faults.append("the service did not come back")
    elif not wait_for(lambda: service.ask(f"/jobs/{job}")["ended_at"]):
        faults.append(f"the job hangs: {service.ask(f'/jobs/{job}')['state']}")
    faults += find_losses(before, service.folder, score) + check_run(service.folder)
    faults += _check_approvals(service, approved)
    now = {offer["flow"]: offer["is_scheduled"] for offer in service.ask("/offers")}
    faults += ["the schedule is another one"] if now != offers else []
    if not is_killed:
        return  # a job that had ended before
    score.add(f"{target} killed after {moment:.1f} s: {fault}" for fault in faults)


def _kill(service: DrilledService, database: PostgresServer | None, target: str) -> bool:
    """Kill what a point is about, unless it is gone; start again what is run by hand."""
    if target == "PostgreSQL":
        assert database is not None
        database.kill()
        database.start()
    elif target == "the whole service":
        service.kill()
        service.start()
    else:
        found = service.find_processes(TARGETS[target])
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
    """Return which acknowledged approvals are lost, or not written down.

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
        f"the approval of {run} is lost, or not in the audit log"
        for run, by in approved.items()
        if kept.get(run) != by
        or not (folder / f"{run}.json").is_file()
        or f"approves,{run}" not in acts
    ]


def run_points(points: int, seed: int, minutes: float, *, postgres: bool) -> dict[str, Score]:
    """Drill a service at many points, and return the figures by what was killed.

    Parameters
    ----------
    points
        Number of points, shared among all targets in turn.
    seed
        Of all moments.
    minutes
        No point is begun after so many.
    postgres
        Whether users, audit log, and Prefect are in PostgreSQL, which is then killed too.
    """
    scores = {name: Score() for name in TARGETS}
    rng, until = random.Random(seed), time.monotonic() + 60 * minutes
    with contextlib.ExitStack() as stack:
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
        _write_campaign(folder)
        service = DrilledService(folder, env)
        stack.callback(service.stop)
        service.start()
        assert wait_for(service.is_ready)
        approved: dict[str, str] = {}
        targets = [name for name in TARGETS if postgres or name != "PostgreSQL"]
        for number in range(points):
            if time.monotonic() > until:
                break
            target = targets[number % len(targets)]
            score = scores[target]
            drill_point(service, database, target, rng, approved, score)
            print(number + 1, target, f"{score.survived} of {score.tried}", *score.faults[-1:])
            sys.stdout.flush()
        last = scores["the whole service"]
        end = _finish(service, last)
        last.faults += end
        last.survived -= bool(end)
        print(f"approvals acknowledged: {len(approved)}; after the last point:", *end or ["well"])
    return scores


def _write_campaign(folder: Path) -> None:
    """Write the campaign of a few tracts, so that a job is short."""
    from tests.drills.homes import EXAMPLES  # noqa: PLC0415  loads the models

    text = (EXAMPLES / "invented_county.toml").read_text(encoding="utf-8")
    tracts = ", ".join(f'"9900101{number:02d}00"' for number in range(1, 8))
    few = text.replace('county = "001"', f'county = "001"\ntracts = [{tracts}]')
    campaigns = folder / "outreach-data" / "campaigns"
    campaigns.mkdir(parents=True)
    (campaigns / "county.toml").write_text(few, encoding="utf-8")


def _finish(service: DrilledService, score: Score) -> list[str]:
    """Let one more job come to its end, and return what is wrong after it."""
    job = service.ask(
        "/jobs", {**_JOB, "values": {"campaign": "county", "reason": "the last one"}}
    )["id"]
    wait_for(lambda: service.ask(f"/jobs/{job}")["ended_at"])
    end = service.ask(f"/jobs/{job}")
    faults = [] if "is made" in end["message"] else [f"the last job: {end['message']}"]
    return faults + count_leftovers(service.folder, score)


def main() -> None:
    """Drill, write the table if asked to, and exit with 1 if anything did not survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2030)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--sqlite", action="store_true", help="without PostgreSQL")
    parser.add_argument("--document", action="store_true", help="write docs/reliability.md")
    chosen = parser.parse_args()
    scores = run_points(chosen.points, chosen.seed, chosen.minutes, postgres=not chosen.sqlite)
    if chosen.document:
        write_service_table(scores, chosen.seed)
    sys.exit(any(score.faults for score in scores.values()))


if __name__ == "__main__":
    main()
