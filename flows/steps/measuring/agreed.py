"""Hold a test plan against the protocol that its campaign names."""

from pathlib import Path

from models.trial.plan import TrialPlan
from models.trial.protocol import Protocol, list_departures, parse_protocol, read_protocol
from outreach.campaign import Campaign
from outreach.campaign.looks import resolve_looks
from outreach.errors import ModelError, StoreError
from outreach.store import Run, Store


def follow_protocol(campaign: Campaign, plan: TrialPlan) -> str:
    """Return the hash of the protocol that a campaign names; empty if it names none.

    Raises
    ------
    InputError
        The protocol cannot be read.
    ModelError
        The plan departs from it.
    """
    if not campaign.holdout.protocol:
        return ""
    protocol = read_protocol(Path(campaign.holdout.protocol))
    _refuse_departures(protocol, plan, campaign.holdout.protocol)
    return protocol.digest


def check_kept_protocol(store: Store, run: Run, plan: TrialPlan) -> None:
    """Refuse a run whose plan departs from the protocol that the run kept a copy of.

    Raises
    ------
    StoreError
        The run kept another protocol than its plan names, or none.
    ModelError
        The plan departs from it.
    """
    if not plan.protocol:
        return
    name = run.campaign.holdout.protocol
    path = run.kept_inputs.get(name, "")
    protocol = (
        parse_protocol(store.read_output(run.id, path).decode("utf-8"), name) if path else None
    )
    if protocol is None or protocol.digest != plan.protocol:
        raise StoreError(
            f"The test of {run.id} was planned by the protocol {plan.protocol[:16]}, of which the"
            " run kept no copy.",
            "Run the campaign again with [holdout] protocol.",
        )
    _refuse_departures(protocol, plan, name)


def _refuse_departures(protocol: Protocol, plan: TrialPlan, name: str) -> None:
    """Refuse a plan that is not as the protocol has it."""
    try:
        looks = resolve_looks(protocol.looks, plan.flight_start, plan.flight_end)
    except ValueError:
        looks = ()
    departures = list_departures(protocol, plan, looks)
    if departures:
        raise ModelError(
            f"The test does not follow the protocol {name}. {' '.join(departures)}",
            "Change the campaign, or take out [holdout] protocol; 'outreach protocol read' says"
            " which seed is yours.",
        )
