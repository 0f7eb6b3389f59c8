"""Approve the list of a run, and its test with it; withdraw both again."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from flows.steps.measuring.agreed import check_kept_protocol
from models.trial.plan import TrialPlan, read_plan
from outreach.errors import ModelError, OutreachError, StoreError
from outreach.store import Approval, Run, Store, TrialEntry, TrialRegister, Withdrawal


@dataclass(frozen=True)
class ListSummary:
    """What a person should see before approving or withdrawing a list.

    Parameters
    ----------
    run
        Names campaign and data date.
    targets_count, funded_count
        Places on the list, and how many of them get money.
    planned_usd, media_usd
        What is planned, with and without fees.
    plan
        The test of the list, if there is one.
    is_registered
        Whether that test is in the register.
    """

    run: Run
    targets_count: int
    funded_count: int
    planned_usd: float
    media_usd: float
    plan: TrialPlan | None
    is_registered: bool


def read_own_plan(store: Store, run: Run) -> TrialPlan | None:
    """Return the test plan that a run wrote; ``None`` if it has none.

    Raises
    ------
    StoreError, ModelError
        The plan was changed, or is not a plan.
    """
    if not any(output.path == "plan.json" for output in run.outputs):
        return None
    return read_plan(store.read_output(run.id, "plan.json").decode("utf-8"))


def summarize_list(store: Store, name: str) -> ListSummary:
    """Return what a person should see of a run's list before deciding.

    Raises
    ------
    StoreError
        There is no such run, or its list is gone or damaged.
    """
    run, _ = store.find(name)
    targets = store.read_table(run.id, "targets")
    money = targets["budget_usd"]
    media = targets.get("media_usd", money)
    plan = read_own_plan(store, run)
    return ListSummary(
        run=run,
        targets_count=len(targets),
        funded_count=int((money > 0).sum()),
        planned_usd=float(money.sum()),
        media_usd=float(media.sum()),
        plan=plan,
        is_registered=plan is not None and _is_registered(store, plan),
    )


def check_approvable(store: Store, name: str, *, accepts_unreadable: bool = False) -> str:
    """Refuse a list that cannot be approved; return what is accepted about its test.

    Parameters
    ----------
    store, name, accepts_unreadable
        As :func:`approve_run` takes them.

    Returns
    -------
    str
        Why the test cannot be read out; empty if it can be, or if there is none.

    Raises
    ------
    ModelError, StoreError
        As in :func:`approve_run`.
    """
    run, _ = store.find(name)
    store.approvals.refuse_withdrawn(run.id)
    if run.counts.get("targets") == 0:
        raise StoreError(
            f"The list of {run.id} is empty, so there is nothing to approve.",
            "Its notes say why; run the campaign with another budget or another deadline.",
        )
    plan = read_own_plan(store, run)
    if plan is not None:
        check_kept_protocol(store, run, plan)
    if plan is None or not plan.obstacle:
        return ""
    if not accepts_unreadable:
        raise ModelError(
            f"The test of {run.id} cannot be read out, so it is not approved. {plan.obstacle}",
            f"{plan.remedy} To run the ads without a result, add --accept-unreadable-test.",
        )
    return plan.obstacle


def approve_run(
    store: Store, name: str, by: str, *, accepts_unreadable: bool = False, reason: str = ""
) -> Approval:
    """Approve the list of a run. A test that cannot be read out must be accepted as such.

    The approval and the registration of its test happen both or not at all. Where a killed process
    left an approval whose test is not registered, approving again registers it.

    Parameters
    ----------
    store, name
        The runs, and a name as :meth:`outreach.store.Store.find` takes it.
    by
        Who approves it.
    accepts_unreadable
        Whether the person knows that the ads will have no result; the approval records why.
    reason
        Why, in the person's words.

    Raises
    ------
    ModelError
        The test cannot be read out, and nobody accepted that.
    StoreError
        The run is already approved or withdrawn, its list is empty, or it was changed since it was
        written; or its test cannot be registered.
    """
    run, _ = store.find(name)
    TrialRegister(store.folder).sweep()
    obstacle = check_approvable(store, run.id, accepts_unreadable=accepts_unreadable)
    plan = read_own_plan(store, run)
    earlier = store.approval(run.id)
    if earlier is not None and plan is not None and not _is_registered(store, plan):
        _register(store, run, plan, "plan", earlier.by)
        return earlier
    approval = store.approve(run.id, by, obstacle, reason)
    if plan is None:
        return approval
    try:
        _register(store, run, plan, "plan", approval.by)
    except OutreachError:
        store.approvals.take_back(approval)
        raise
    return approval


def find_unregistered(store: Store) -> list[str]:
    """Return the approved runs, newest first, whose test is not in the register.

    Versions before the register approved lists without it, and so did a process that was killed in
    between. Approving such a run again registers its test. Damaged runs are left out.

    Raises
    ------
    StoreError, ModelError
        A plan or an approval was changed, or is none.
    """
    runs, _ = store.survey()
    approved = (run for run in runs if store.approval(run.id) is not None)
    plans = ((run.id, read_own_plan(store, run)) for run in approved)
    return [run_id for run_id, plan in plans if plan and not _is_registered(store, plan)]


def withdraw_run(store: Store, name: str, by: str, reason: str) -> Withdrawal:
    """Withdraw the approved list of a run for good, and its test if no other list has it.

    Parameters
    ----------
    store, name
        The runs, and a name as :meth:`outreach.store.Store.find` takes it.
    by, reason
        Who withdraws it, and why.

    Raises
    ------
    StoreError
        The list is a draft or was withdrawn before, or name or reason is missing.
    """
    run, _ = store.find(name)
    withdrawal = store.approvals.withdraw(run.id, by, reason)
    plan = read_own_plan(store, run)
    if plan is None or not _is_registered(store, plan):
        return withdrawal
    others = (
        read_own_plan(store, other)
        for other in store.runs(run.campaign.slug)
        if store.approval(other.id) is not None
    )
    if all(other is None or other.digest != plan.digest for other in others):
        _register(store, run, plan, "withdrawal", withdrawal.by, withdrawal.reason)
    return withdrawal


def _is_registered(store: Store, plan: TrialPlan) -> bool:
    """Return whether a test stands in the register and was not withdrawn."""
    entries = TrialRegister(store.folder).entries()
    states = [
        entry.kind
        for entry in entries
        if entry.plan_digest == plan.digest and entry.kind != "result"
    ]
    return bool(states) and states[-1] == "plan"


def _register(
    store: Store,
    run: Run,
    plan: TrialPlan,
    kind: Literal["plan", "withdrawal"],
    by: str,
    reason: str = "",
) -> None:
    """Put a test, or its withdrawal, into the register."""
    TrialRegister(store.folder).add(
        TrialEntry(
            kind=kind,
            registered_at=dt.datetime.now(dt.UTC),
            by=by,
            reason=reason,
            campaign=plan.campaign,
            run_id=run.id,
            plan_digest=plan.digest,
            flight_start=plan.flight_start,
            flight_end=plan.flight_end,
            mde_share=plan.mde_share,
            looks=plan.looks,
        )
    )
