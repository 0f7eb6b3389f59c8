"""Approve the list of a run, and its test with it."""

import datetime as dt

from models.trial.plan import TrialPlan, read_plan
from outreach.errors import ModelError, StoreError
from outreach.store import Approval, Run, Store, TrialEntry, TrialRegister


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


def approve_run(store: Store, name: str, by: str, *, accepts_unreadable: bool = False) -> Approval:
    """Approve the list of a run. A test that cannot be read out must be accepted as such.

    Parameters
    ----------
    store, name
        The runs, and a name as :meth:`outreach.store.Store.find` takes it.
    by
        Who approves it.
    accepts_unreadable
        Whether the person knows that the ads will have no result; the approval records why.

    Raises
    ------
    ModelError
        The test cannot be read out, and nobody accepted that.
    StoreError
        The run is already approved, its list is empty, or it was changed since it was written.
    """
    run, _ = store.find(name)
    if run.counts.get("targets") == 0:
        raise StoreError(
            f"The list of {run.id} is empty, so there is nothing to approve.",
            "Its notes say why; run the campaign with another budget or another deadline.",
        )
    plan = read_own_plan(store, run)
    obstacle = plan.obstacle if plan is not None else ""
    if plan is not None and obstacle and not accepts_unreadable:
        raise ModelError(
            f"The test of {run.id} cannot be read out, so it is not approved. {obstacle}",
            f"{plan.remedy} To run the ads without a result, add --accept-unreadable-test.",
        )
    if plan is not None and store.approval(run.id) is None:
        register_plan(store, run, plan, by)
    return store.approve(run.id, by, obstacle)


def register_plan(store: Store, run: Run, plan: TrialPlan, by: str) -> None:
    """Put a test into the register before its list is approved."""
    TrialRegister(store.folder).add(
        TrialEntry(
            kind="plan",
            registered_at=dt.datetime.now(dt.UTC),
            by=by.strip(),
            campaign=plan.campaign,
            run_id=run.id,
            plan_digest=plan.digest,
            flight_start=plan.flight_start,
            flight_end=plan.flight_end,
            mde_share=plan.mde_share,
        )
    )
