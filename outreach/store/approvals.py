"""Keep who approved and who withdrew each run's list; nothing written here is changed later.

An approval is ``approvals/<run>.json`` in the folder of the runs, a withdrawal
``withdrawals/<run>.json`` beside it. Both are made once: a withdrawn list stays withdrawn, and a
new list needs a new run.
"""

import datetime as dt
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from outreach.errors import StoreError
from outreach.files import create_file, read_record, sweep_staged
from outreach.phrasing import write_date
from outreach.store.folder import explain_failure
from outreach.store.manifest import MOST_NAME, MOST_REASON, Approval, Withdrawal

_Record = TypeVar("_Record", bound=BaseModel)
_NEW = "A new list needs a new run."


class Approvals:
    """The approvals and withdrawals of all runs.

    Parameters
    ----------
    folder
        The folder of the runs.
    """

    def __init__(self, folder: Path) -> None:
        self._given, self._withdrawn = folder / "approvals", folder / "withdrawals"

    def read(self, run_id: str) -> Approval | None:
        """Return the approval of a run, also of a withdrawn one; ``None`` for a draft.

        Raises
        ------
        StoreError
            The approval is damaged.
        """
        todo = "Restore that file from a backup, or remove it and have the list approved again."
        return _read(self._given / f"{run_id}.json", Approval, "approval", todo)

    def read_withdrawal(self, run_id: str) -> Withdrawal | None:
        """Return who withdrew the list of a run, and why; ``None`` if nobody did.

        Raises
        ------
        StoreError
            The withdrawal is damaged.
        """
        todo = "Restore that file from a backup."
        return _read(self._withdrawn / f"{run_id}.json", Withdrawal, "withdrawal", todo)

    def give(
        self, run_id: str, by: str, targets_sha256: str, accepted_obstacle: str, reason: str = ""
    ) -> Approval:
        """Approve a list.

        Raises
        ------
        StoreError
            There is no name, name or reason are too long, or the list was approved or withdrawn
            before.
        """
        self.sweep()
        by, reason = _take_words(by, reason)
        if not by:
            raise StoreError("An approval needs a name.", "Give it with --by.")
        self.refuse_withdrawn(run_id)
        earlier = self.read(run_id)
        if earlier is not None:
            raise StoreError(
                f"{run_id} was approved by {earlier.by} on {write_date(earlier.approved_at)}.",
                f"An approval is final. {_NEW}",
            )
        approval = Approval(
            run_id=run_id,
            by=by,
            approved_at=dt.datetime.now(dt.UTC),
            targets_sha256=targets_sha256,
            accepted_obstacle=accepted_obstacle,
            reason=reason,
        )
        fault = f"{run_id} was approved by somebody else just now."
        _create(self._given / f"{run_id}.json", approval, fault)
        return approval

    def take_back(self, approval: Approval) -> None:
        """Remove an approval whose test could not be registered, as if it had never been given."""
        path = self._given / f"{approval.run_id}.json"
        with explain_failure(path):
            path.unlink(missing_ok=True)

    def withdraw(self, run_id: str, by: str, reason: str) -> Withdrawal:
        """Withdraw an approved list for good.

        Raises
        ------
        StoreError
            Name or reason is missing or too long, the list is a draft, or it was withdrawn before.
        """
        self.sweep()
        by, reason = _take_words(by, reason)
        if not by or not reason:
            raise StoreError(
                "A withdrawal needs a name and a reason.", "Give them with --by and --reason."
            )
        self.refuse_withdrawn(run_id)
        if self.read(run_id) is None:
            raise StoreError(
                f"The list of {run_id} is a draft, so there is no approval to withdraw.",
                "'outreach runs' lists who approved what.",
            )
        withdrawal = Withdrawal(
            run_id=run_id,
            by=by,
            withdrawn_at=dt.datetime.now(dt.UTC),
            reason=reason,
        )
        fault = f"{run_id} was withdrawn by somebody else just now."
        _create(self._withdrawn / f"{run_id}.json", withdrawal, fault)
        return withdrawal

    def refuse_withdrawn(self, run_id: str) -> None:
        """Refuse a list that was withdrawn.

        Raises
        ------
        StoreError
            Says who withdrew it, when, and why.
        """
        withdrawal = self.read_withdrawal(run_id)
        if withdrawal is not None:
            day = write_date(withdrawal.withdrawn_at)
            raise StoreError(
                f"The list of {run_id} was withdrawn by {withdrawal.by} on {day}:"
                f" {withdrawal.reason}",
                f"It is not to be uploaded. {_NEW}",
            )

    def sweep(self) -> None:
        """Remove what killed commands left."""
        for folder in (self._given, self._withdrawn):
            with explain_failure(folder):
                sweep_staged(folder)


def _take_words(by: str, reason: str) -> tuple[str, str]:
    """Return a name and a reason, each as one line that can be shown."""
    words = []
    for what, text, most in (("name", by, MOST_NAME), ("reason", reason, MOST_REASON)):
        line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
        if len(line) > most:
            raise StoreError(
                f"The {what} has {len(line):,} characters; at most {most:,} are kept.",
                "Say it in fewer words.",
            )
        words.append(line)
    return words[0], words[1]


def _read(path: Path, kind: type[_Record], what: str, todo: str) -> _Record | None:
    """Read a record if it is there."""
    return read_record(path, kind, what, todo, strict=True) if path.is_file() else None


def _create(path: Path, record: BaseModel, fault: str) -> None:
    """Write a record that may not be there yet."""
    with explain_failure(path):
        try:
            create_file(path, record.model_dump_json(indent=2))
        except FileExistsError:
            raise StoreError(fault, _NEW) from None
