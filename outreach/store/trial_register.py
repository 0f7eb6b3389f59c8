"""Register every test before its flight and every result after it, in a chain.

Each entry is a small file, ``tests/000001.json`` and so on in the service's folder. It holds the
hash of the entry before it, so that a later change or a missing entry shows. Only the newest ones
can be removed without a trace; publish the hash of the last entry to prevent that.
"""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from outreach.errors import StoreError
from outreach.files import create_file, read_record, sweep_staged
from outreach.store.folder import explain_failure

#: What stands in the first entry in place of an earlier hash.
_NOTHING = "0" * 64
_TODO = "Restore the folder 'tests' from a backup. Nothing else depends on it."


class TrialEntry(BaseModel):
    """A registered test, the result of one, or that it will not run.

    Parameters
    ----------
    kind
        ``plan`` when a list with a test is approved, ``result`` when the test is read out, and
        ``withdrawal`` when its last approved list is withdrawn.
    registered_at, by
        When, and who approved or withdrew it; empty for a result.
    reason
        Of a withdrawal: why.
    campaign, run_id
        The campaign's name and the run.
    plan_digest
        SHA-256 of the test plan.
    flight_start, flight_end, mde_share
        The flight and the minimum detectable effect (0-1) of the plan.
    looks
        The days on which the plan lets the test be looked at before its end. Files of tests without
        looks do not name them, as those of before there were any.
    estimate_share, low_share, high_share, p_value
        Of a result: the effect (0-1) with its range, and the p-value.
    result_sha256
        Of a result: SHA-256 of its ``effect.json``.
    number, previous_sha256
        Place in the chain, from 1, and the hash of the file before it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["plan", "result", "withdrawal"]
    registered_at: dt.datetime
    by: str = ""
    reason: str = ""
    campaign: str
    run_id: str
    plan_digest: str
    flight_start: dt.date
    flight_end: dt.date
    mde_share: float | None
    looks: tuple[dt.date, ...] = ()
    estimate_share: float | None = None
    low_share: float | None = None
    high_share: float | None = None
    p_value: float | None = None
    result_sha256: str = ""
    number: int = 0
    previous_sha256: str = _NOTHING

    def write_json(self) -> str:
        """Return the text of the entry's file."""
        return self.model_dump_json(indent=1, exclude=set() if self.looks else {"looks"})

    @property
    def sign(self) -> int:
        """1 or -1 where the range of a result excludes zero, else 0."""
        if self.low_share is None or self.high_share is None:
            return 0
        return 1 if self.low_share > 0 else -1 if self.high_share < 0 else 0


class TrialRegister:
    """The chain of tests and results in a folder.

    Parameters
    ----------
    runs_folder
        The folder of the runs; the register stands beside it.
    """

    def __init__(self, runs_folder: Path) -> None:
        self.folder = runs_folder.parent / "tests"

    def entries(self) -> list[TrialEntry]:
        """Return all entries in their order.

        Raises
        ------
        StoreError
            An entry is missing, damaged, or was changed after it was written.
        """
        found, previous = [], _NOTHING
        for number, path in enumerate(sorted(self.folder.glob("[0-9]*.json")), start=1):
            if path != self._locate(number):
                raise StoreError(f"Entry {number} of the register of tests is missing.", _TODO)
            entry = read_record(path, TrialEntry, "entry of the register of tests", _TODO)
            if entry.number != number or entry.previous_sha256 != previous:
                raise StoreError(
                    f"The register of tests was changed: entry {number} does not follow the one"
                    " before it.",
                    _TODO,
                )
            found.append(entry)
            previous = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def last_sha256(self) -> str:
        """Return the hash of the newest entry, which stands for the whole chain; or zeros."""
        count = len(self.entries())
        return hashlib.sha256(self._locate(count).read_bytes()).hexdigest() if count else _NOTHING

    def sweep(self) -> None:
        """Remove what killed commands left."""
        with explain_failure(self.folder):
            sweep_staged(self.folder)

    def add(self, entry: TrialEntry) -> TrialEntry:
        """Add an entry to the end, and return it with its place.

        A plan that is registered and not withdrawn, a withdrawal of one that is withdrawn, or a
        result with the same figures, is not added again.

        Raises
        ------
        StoreError
            The chain is broken, or the disk cannot be written.
        """
        while True:
            entries = self.entries()
            known = _find_known(entries, entry)
            if known is not None:
                return known
            placed = entry.model_copy(
                update={"number": len(entries) + 1, "previous_sha256": self.last_sha256()}
            )
            path = self._locate(placed.number)
            with explain_failure(path):
                try:
                    create_file(path, placed.write_json())
                except FileExistsError:
                    if not path.exists():  # something else is where the folder should be
                        raise
                    continue  # somebody else was quicker: follow that entry
            return placed

    def _locate(self, number: int) -> Path:
        """Return the file of an entry."""
        return self.folder / f"{number:06d}.json"


def _find_known(entries: list[TrialEntry], entry: TrialEntry) -> TrialEntry | None:
    """Return the entry that says the same and still holds."""
    if entry.kind == "result":
        same = [each for each in entries if _name_content(each) == _name_content(entry)]
        return same[0] if same else None
    states = [
        each for each in entries if each.plan_digest == entry.plan_digest and each.kind != "result"
    ]
    return states[-1] if states and states[-1].kind == entry.kind else None


def _name_content(entry: TrialEntry) -> tuple[object, ...]:
    """Return what makes a result the same as another."""
    figures = (entry.estimate_share, entry.low_share, entry.high_share, entry.p_value)
    return entry.kind, entry.plan_digest, *figures
