"""Gather what the approved lists of a flight planned, for its reconciliation."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.steps.results.brief import find_campaign_tag, make_brief, read_version
from outreach.ad_names import TAG_LENGTH
from outreach.delivery.ledger import DeliveryLedger
from outreach.delivery.plan import FlightPlan
from outreach.errors import StoreError
from outreach.exporters.base.flight import find_flight_days
from outreach.exporters.base.languages import split_amount
from outreach.store import Run, Store
from outreach.tables import DataFrame, Targets, as_table, name_language_share
from outreach.units import Arm

#: A price is for so many impressions.
_PER_CPM = 1000


@dataclass(frozen=True, slots=True)
class ApprovedFlight:
    """An approved list, with what its flight is called on the platforms.

    Parameters
    ----------
    run
        The run of the list.
    tag
        What the names of its campaigns carry.
    lists
        The approved runs of the flight, this one first and then the last one first.
    """

    run: Run
    tag: str
    lists: tuple[Run, ...]

    def open_ledger(self, home: Path) -> DeliveryLedger:
        """Return the ledger of the flight, which all its lists share."""
        return DeliveryLedger(home / "delivery" / f"{self.run.campaign.slug}-{self.tag}")


def find_flight(store: Store, name: str) -> ApprovedFlight:
    """Find the flight of a run.

    Parameters
    ----------
    store
        The runs.
    name
        As :meth:`outreach.store.Store.find` takes it. ``latest`` is the list that was approved
        last.

    Raises
    ------
    StoreError
        There is no such run, or its list is a draft, which nobody uploads.
    """
    run = _find_approved(store) if name == "latest" else store.find(name)[0]
    if store.approval(run.id, or_withdrawn=True) is None:
        raise StoreError(
            f"The list of {run.id} is a draft, so no ads of it ran.",
            "Name the run whose list was approved and uploaded; 'outreach runs' lists them.",
        )
    flight = run.campaign.flight
    others = [
        (approval.approved_at, other)
        for other in store.runs(run.campaign.slug)
        if other.id != run.id
        and other.campaign.flight == flight
        and (approval := store.approval(other.id)) is not None
    ]
    ordered = sorted(others, key=lambda pair: pair[0], reverse=True)
    tag = find_campaign_tag(store, run.campaign) or read_version(store, run.id) or run.id
    return ApprovedFlight(run, tag[:TAG_LENGTH], (run, *(other for _, other in ordered)))


def gather_plan(store: Store, flight: ApprovedFlight) -> FlightPlan:
    """Return what the list of a run planned, with the units of the flight's other lists."""
    tables = [as_table(store.read_table(run.id, "targets"), Targets) for run in flight.lists]
    own = tables[0]
    bought = {
        str(unit_id)
        for table in tables
        for unit_id in table.index[(table["arm"] == Arm.TREAT) & (_find_media(table) > 0)]
    }
    units = pd.concat(tables)
    first, last = find_flight_days(make_brief(flight.run.campaign), own)
    return FlightPlan(
        targets=as_table(units[~units.index.duplicated()], Targets),
        cells=_split_plan(own, flight.run),
        bought=frozenset(bought),
        first=first,
        last=last,
    )


def _find_approved(store: Store) -> Run:
    """Return the run whose list was approved last."""
    approved = [
        (approval.approved_at, run)
        for run in store.runs()
        if (approval := store.approval(run.id)) is not None
    ]
    if not approved:
        raise StoreError(
            "No list is approved, so no ads of one ran.",
            "Approve the list that was uploaded with 'outreach approve', or name its run.",
        )
    return max(approved, key=lambda pair: pair[0])[1]


def _find_media(targets: DataFrame[Targets]) -> "pd.Series[float]":
    """Return the media of each unit; lists of older versions have budgets without fees only."""
    return targets["media_usd"] if "media_usd" in targets else targets["budget_usd"]


def _split_plan(targets: DataFrame[Targets], run: Run) -> pd.DataFrame:
    """Split the media of each unit over channels and languages, as ad files do, to the cent."""
    codes = run.campaign.creative_languages
    shares = [name_language_share(code) for code in codes]
    is_split = len(codes) > 1 and set(shares) <= set(targets.columns)
    channels = {
        channel.name: f"media_{channel.name}_usd"
        for channel in run.campaign.channels
        if f"media_{channel.name}_usd" in targets
    }
    prices = {channel.name: channel.cpm_usd for channel in run.campaign.channels}
    media = _find_media(targets)
    rows = []
    for (unit_id, row), amount_usd in zip(targets.iterrows(), media, strict=True):
        total = float(amount_usd)
        for channel, column in (channels or {"": ""}).items():
            amount = float(row[column]) if column else total
            parts = split_amount(amount, [float(row[name]) for name in shares]) if is_split else []
            pairs = zip(codes, parts, strict=True) if is_split else [("+".join(codes), amount)]
            for language, part_usd in pairs:
                share = part_usd / total if total else 0.0
                impressions = share * float(row["impressions_count"])
                if channel:
                    impressions = part_usd / prices[channel] * _PER_CPM
                rows.append(
                    {
                        "unit_id": str(unit_id),
                        "arm": row["arm"],
                        "channel": channel,
                        "language": language,
                        "media_usd": part_usd,
                        "impressions_count": impressions,
                        "reached_count": share
                        * float(row.get("reached_share", float("nan")))
                        * float(row["households_count"]),
                    }
                )
    return pd.DataFrame(rows)
