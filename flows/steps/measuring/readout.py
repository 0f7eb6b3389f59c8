"""Find the final readout of a test."""

import hashlib
from pathlib import Path

from flows.steps.measuring.approval import read_own_plan
from flows.steps.measuring.flight_test import find_flight_test
from outreach.files import read_record
from outreach.reports.text.test_result import Readout
from outreach.store import Store

RECORD = "effect.json"


def find_readout(home: Path, store: Store, run_id: str) -> Readout | None:
    """Return the last final readout of a run's test, whichever run it was made for.

    The test is that of the run's own plan, or else the one test of its flight. Provisional
    readouts are skipped.

    Raises
    ------
    StoreError, ModelError
        A readout cannot be read, or a plan is gone or was changed.
    """
    run = store.find(run_id)[0]
    plan = read_own_plan(store, run)
    if plan is not None:
        own = _find_by_plan(home, store, run_id)
        if own is not None:
            return own
    flight = (plan.flight_start, plan.flight_end) if plan is not None else None
    test = find_flight_test(store, run.campaign, flight=flight)
    return None if test is None else _find_by_plan(home, store, test.run.id)


def _find_by_plan(home: Path, store: Store, run_id: str) -> Readout | None:
    """Return the last final readout of the test plan that a run wrote."""
    plan = store.read_output(run_id, "plan.json")
    digest = hashlib.sha256(plan.rstrip(b"\n")).hexdigest()
    readouts = []
    for path in sorted((home / "measurements").glob(f"[!.]*/{RECORD}")):
        readout = read_readout(path)
        if readout.plan_digest == digest and not readout.provisional:
            readouts.append(readout)
    return max(readouts, key=lambda readout: readout.made_at, default=None)


def read_readout(path: Path) -> Readout:
    """Read one readout.

    Raises
    ------
    StoreError
        It cannot be read.
    """
    return read_record(path, Readout, "readout", "Delete it and measure again.")
