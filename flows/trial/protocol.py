"""Write the protocol of a campaign's test for other cities, and read one."""

from pathlib import Path

from flows.steps.buying.trial.arms import OUTCOME, name_method
from models.trial.protocol import Protocol, read_protocol
from outreach.campaign import Campaign
from outreach.errors import CampaignError


def make_protocol(campaign: Campaign, name: str) -> Protocol:
    """Return the design of a campaign's test as a protocol.

    Parameters
    ----------
    campaign
        Has a holdout and a flight.
    name
        The protocol's name.

    Raises
    ------
    CampaignError
        The campaign has no holdout or no flight.
    """
    holdout, flight = campaign.holdout, campaign.flight
    if not holdout.percent or flight is None:
        raise CampaignError(
            f"{campaign.name} has no test: a protocol needs a [flight] and [holdout] percent.",
            "Add both to the campaign.",
        )
    length = (flight.end - flight.start).days + 1
    return Protocol(
        name=name,
        outcome=OUTCOME,
        method=name_method(is_saturation=holdout.design == "saturation"),
        unit_kind=campaign.units.kind,
        design=holdout.design,
        holdout_percent=holdout.percent,
        days_count=length,
        looks=tuple(round(((day - flight.start).days + 1) / length, 4) for day in campaign.looks),
    )


def describe_protocol(path: Path, campaign: str = "") -> list[str]:
    """Return what a protocol says, and the seed of a campaign.

    Parameters
    ----------
    path
        The file.
    campaign
        Name of the campaign that takes part; empty for none.

    Raises
    ------
    InputError
        The protocol cannot be read.
    """
    protocol = read_protocol(path)
    looks = ", ".join(f"{look:g}" for look in protocol.looks) or "none"
    lines = [
        f"{protocol.name}, hash {protocol.digest}.",
        f"Units: {protocol.unit_kind}, drawn by {protocol.design}.",
        f"{protocol.holdout_percent:g}% held out; {protocol.days_count} days; looks: {looks}.",
        f"Outcome: {protocol.outcome}.",
        f"Method: {protocol.method}.",
    ]
    if campaign:
        lines.append(
            f'Seed of the campaign "{campaign}": write seed = {protocol.draw_seed(campaign)} in its'
            " [holdout]."
        )
    return lines
