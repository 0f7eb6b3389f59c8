"""Find the final readout of a test."""

import hashlib
from pathlib import Path

from pydantic import ValidationError

from outreach.errors import StoreError
from outreach.reports.text.test_result import Readout

RECORD = "effect.json"


def find_readout(home: Path, run_folder: Path) -> Readout | None:
    """Return the last final readout of a run's test plan, whichever run it was made for.

    Provisional readouts are skipped.

    Raises
    ------
    StoreError
        A readout cannot be read.
    """
    plan = run_folder / "plan.json"
    if not plan.is_file():
        return None
    digest = hashlib.sha256(plan.read_bytes().rstrip(b"\n")).hexdigest()
    readouts = []
    for path in sorted((home / "measurements").glob(f"[!.]*/{RECORD}")):
        readout = None
        try:
            readout = Readout.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            reason = type(error).__name__
        if readout is None:
            raise StoreError(f"Cannot read {path} ({reason}).", "Delete it and measure again.")
        if readout.plan_digest == digest and not readout.provisional:
            readouts.append(readout)
    return max(readouts, key=lambda readout: readout.made_at, default=None)
