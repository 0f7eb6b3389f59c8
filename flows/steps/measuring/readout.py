"""Find the final readout of a test."""

import datetime as dt
import hashlib
from pathlib import Path

from flows.steps.measuring.approval import read_own_plan
from flows.steps.measuring.flight_test import find_flight_test
from outreach.files import read_record
from outreach.reports.text.test_result import Readout
from outreach.store import Store, TrialEntry, TrialRegister

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


def register_result(store: Store, readout: Readout) -> None:
    """Put a final readout into the register of tests, whatever it found."""
    low, middle, high = readout.flight.effect.values()
    content = readout.canonical_json() + "\n"
    TrialRegister(store.folder).add(
        TrialEntry(
            kind="result",
            registered_at=dt.datetime.now(dt.UTC),
            campaign=readout.campaign,
            run_id=readout.run_id,
            plan_digest=readout.plan_digest,
            flight_start=readout.flight_start,
            flight_end=readout.flight_end,
            mde_share=readout.mde_share,
            looks=tuple(look.planned for look in readout.looks[:-1]),
            estimate_share=middle,
            low_share=low,
            high_share=high,
            p_value=readout.flight.p_value,
            result_sha256=hashlib.sha256(content.encode("utf-8")).hexdigest(),
        )
    )
