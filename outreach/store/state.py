"""Say where the list of a run stands: a draft, approved, or withdrawn."""

from dataclasses import dataclass

from outreach.phrasing import write_date
from outreach.store.manifest import Approval, Run, Withdrawal
from outreach.store.runs import Store


@dataclass(frozen=True)
class RunState:
    """Who approved and who withdrew a list.

    Parameters
    ----------
    approval
        ``None`` for a draft; that of a withdrawn list stays.
    withdrawal
        ``None`` unless it was withdrawn.
    """

    approval: Approval | None
    withdrawal: Withdrawal | None

    @property
    def is_approved(self) -> bool:
        """Whether the list may be uploaded."""
        return self.approval is not None and self.withdrawal is None

    @property
    def mark(self) -> str:
        """Who approved or withdrew it, for a table; empty for a draft."""
        if self.withdrawal is not None:
            return f"withdrawn by {self.withdrawal.by}"
        return self.approval.by if self.approval else ""

    @property
    def sentence(self) -> str:
        """The same in a few words, with the day."""
        if self.withdrawal is not None:
            day = write_date(self.withdrawal.withdrawn_at)
            return f"withdrawn by {self.withdrawal.by} on {day}: {self.withdrawal.reason}"
        if self.approval is None:
            return "a draft, which nobody approved"
        reason = f": {self.approval.reason}" if self.approval.reason else ""
        day = write_date(self.approval.approved_at)
        return f"approved by {self.approval.by} on {day}{reason}"


def read_state(store: Store, run: Run) -> RunState:
    """Return where the list of a run stands.

    Raises
    ------
    StoreError
        A record is damaged, or the list is not the one that was approved.
    """
    return RunState(store.approval(run.id, or_withdrawn=True), store.withdrawal(run.id))
