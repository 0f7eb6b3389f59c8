"""Gather what the page of planned against delivered shows."""

import datetime as dt
import math

import pandas as pd

from flows.steps.delivering.plan import ApprovedFlight
from flows.steps.results.outputs import RACE
from models.evaluation.equity import compare_coverage
from models.evaluation.groups import RACES
from outreach.census.datasets.race import DATASET as RACE_DATASET
from outreach.delivery.plan import FlightPlan
from outreach.delivery.reconcile import Reconciliation, reconcile
from outreach.delivery.warnings import list_warnings
from outreach.reports.data.delivery import DeliveryView, Invoice
from outreach.store import Store
from outreach.tables import DataFrame, Delivery, TractProfiles, as_table
from outreach.units import UnitKind

_PERCENT = 100
#: A tract counts as one with ads if at least this share of it lies in served units.
_SERVED_SHARE = 0.5


def make_view(
    flight: ApprovedFlight,
    plan: FlightPlan,
    delivery: DataFrame[Delivery],
    imports_count: int,
    *,
    groups: pd.DataFrame | None = None,
    invoice_usd: float | None = None,
) -> tuple[DeliveryView, Reconciliation]:
    """Reconcile a flight, and return what its page shows.

    Parameters
    ----------
    flight, plan
        The approved list, and what it planned.
    delivery
        The rows that count, at least one.
    imports_count
        How many reports they are from.
    groups
        Who lives where ads were shown (:func:`compare_groups`).
    invoice_usd
        A platform's or agency's invoice, to compare with the reports.
    """
    made = reconcile(plan, delivery)
    view = DeliveryView(
        campaign=flight.run.campaign.name,
        run_id=flight.run.id,
        made=dt.datetime.now(dt.UTC).date(),
        first=plan.first,
        last=plan.last,
        through=made.through,
        lines=made.lines,
        pacing=made.pacing,
        leaks=made.leaks,
        unserved=made.unserved,
        warnings=list_warnings(plan, made),
        spend=_add_up_days(plan, made),
        labels=dict(
            zip(map(str, plan.targets.index), map(str, plan.targets["label"]), strict=True)
        ),
        imports_count=imports_count,
        groups=groups,
        invoice=None if invoice_usd is None else _compare_invoice(flight, made, invoice_usd),
    )
    return view, made


def compare_groups(
    store: Store, flight: ApprovedFlight, plan: FlightPlan, rows: pd.DataFrame
) -> pd.DataFrame | None:
    """Compare how many members of each group live in tracts that got ads with everyone.

    Parameters
    ----------
    store, flight, plan
        The runs, the approved list, and what it planned.
    rows
        Delivered rows with their units.

    Returns
    -------
    DataFrame or None
        As :func:`models.evaluation.equity.compare_coverage`, with the ``source`` of each group.
        Race and origin are missing where the run did not keep them. ``None`` where no report names
        units, or no source has a group.
    """
    served = set(rows.loc[(rows["unit_id"] != "") & (rows["impressions_count"] > 0), "unit_id"])
    if not served:
        return None
    run = flight.run
    tracts = store.read_table(run.id, "tracts")
    units = plan.targets[plan.targets.index.isin(list(served))]
    whole = units[units["kind"] == UnitKind.TRACT]
    weights = pd.Series(1.0, index=pd.Index(whole["place"], dtype=object))
    if store.has_output(run.id, "tables/members.parquet"):
        members = store.read_table(run.id, "members")
        own = members[members["unit_id"].isin(list(served))].set_index("geoid")["weight"]
        weights = pd.concat([weights, own])
    shares = weights.groupby(level=0).sum()
    chosen = pd.Index(shares.index[shares >= _SERVED_SHARE]).intersection(tracts.index)
    race = None
    if store.has_output(run.id, f"tables/{RACE}.parquet"):
        race = as_table(store.read_table(run.id, RACE), TractProfiles)
    sheet = compare_coverage(
        as_table(pd.DataFrame(tracts), TractProfiles), {"shown ads": chosen}, race
    )
    if sheet.empty:
        return None
    sources = name_race_tables(run.campaign.vintages.acs)
    return sheet.assign(source=sheet["group"].map(sources).fillna("the run's table of tracts"))


def name_race_tables(vintage: int) -> dict[str, str]:
    """Return the table of the American Community Survey that each group of race is from.

    Parameters
    ----------
    vintage
        Last year of the five-year period.
    """
    codes = {variable.name: variable.codes[0].split("_")[0] for variable in RACE_DATASET.variables}
    period = f"{vintage - 4}-{vintage}"
    return {
        group: f"American Community Survey {period}, table {codes[column]}"
        for group, column in RACES.items()
    }


def _add_up_days(plan: FlightPlan, made: Reconciliation) -> pd.DataFrame:
    """Return the running totals of the money by day, delivered and due."""
    by_day = made.rows.groupby("day")["spend_usd"].agg(math.fsum)
    start = min([pd.Timestamp(plan.first), *by_day.index])
    days = pd.date_range(start, max(pd.Timestamp(plan.last), pd.Timestamp(made.through)))
    delivered = by_day.reindex(days, fill_value=0.0).cumsum()
    planned = math.fsum(plan.cells["media_usd"])
    length = (plan.last - plan.first).days + 1
    elapsed = ((days - pd.Timestamp(plan.first)).days + 1).to_numpy().clip(0, length) / length
    return pd.DataFrame(
        {
            "delivered_usd": delivered.where(days <= pd.Timestamp(made.through)),
            "due_usd": planned * elapsed,
        },
        index=days,
    )


def _compare_invoice(flight: ApprovedFlight, made: Reconciliation, invoice_usd: float) -> Invoice:
    """Return an invoice beside the reports; fees stand on it where the platform bills them."""
    reported = math.fsum(made.rows["spend_usd"])
    campaign = flight.run.campaign
    bills_fees = campaign.fee_billed_by == "platform"
    fee = round(reported * campaign.fee_percent / _PERCENT, 2) if bills_fees else 0.0
    return Invoice(invoice_usd, reported, fee)
