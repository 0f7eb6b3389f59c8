"""Find the final readout of a test."""

import hashlib
from pathlib import Path

from outreach.files import read_record
from outreach.reports.text.test_result import Readout
from outreach.store import Store

RECORD = "effect.json"


def find_readout(home: Path, store: Store, run_id: str) -> Readout | None:
    """Return the last final readout of a run's test plan, whichever run it was made for.

    Provisional readouts are skipped.

    Raises
    ------
    StoreError
        A readout cannot be read, or the run's plan is gone or was changed.
    """
    if not store.has_output(run_id, "plan.json"):
        return None
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
