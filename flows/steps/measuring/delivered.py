"""Read what platforms delivered to the units of a test."""

import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from flows.steps.delivering.plan import find_flight, gather_plan
from flows.steps.measuring.flight import DrawnTest
from outreach.delivery.claims import PlatformClaim, sum_claims
from outreach.delivery.reconcile import place_rows
from outreach.store import Run, Store
from outreach.tables import Delivery, as_table
from outreach.units import Arm, Ground

#: At least this share of the impressions must be told by place for an estimate with delivery.
LEAST_TOLD = 0.8
_PERCENT = 100


@dataclass(frozen=True, slots=True, eq=False)
class DeliveredDoses:
    """What reports say was delivered in a test's flight, up to a day.

    Parameters
    ----------
    dose
        Impressions for each household of a unit, over those planned for a household of the treated
        units: 1 is as planned.
    spent_usd
        What the ads cost, with the campaign's fees.
    told_share, leak_share
        The share of the impressions whose place can be compared with the list, and the share of
        those outside of what was bought (0-1).
    imports_count
        How many reports were imported.
    claims
        What platforms count as wins of their ads, in their own words.
    """

    dose: "pd.Series[float]"
    spent_usd: float
    told_share: float
    leak_share: float
    imports_count: int
    claims: tuple[PlatformClaim, ...] = ()

    @property
    def is_told(self) -> bool:
        """Whether enough of the ads are told by place."""
        return self.told_share >= LEAST_TOLD


def read_doses(
    store: Store, home: Path, run: Run, test: DrawnTest, last: dt.date
) -> DeliveredDoses | None:
    """Read the deliveries of a test; ``None`` if its list is a draft or has no report.

    Parameters
    ----------
    store, home
        The runs, and the service's folder with the reports.
    run, test
        The run whose test is measured, and the test.
    last
        The last day of the window; only days of the flight up to it count.
    """
    if store.approval(run.id) is None:
        return None
    flight = find_flight(store, run.id)
    ledger = flight.open_ledger(home)
    delivery = ledger.read()
    until = min(last, test.plan.flight_end)
    inside = delivery["day"].between(pd.Timestamp(test.plan.flight_start), pd.Timestamp(until))
    if not inside.any():
        return None
    plan = gather_plan(store, flight)
    rows = place_rows(plan, delivery[inside])

    # What a household was shown, over what one with ads was to be shown.
    units = pd.Index(test.design.unit_ids)
    shown = rows.groupby("unit_id")["impressions_count"].sum().reindex(units).fillna(0.0)
    planned = plan.cells.groupby("unit_id")["impressions_count"].sum().reindex(units).fillna(0.0)
    treated = (test.arms == Arm.TREAT).to_numpy()
    households = test.households.reindex(units).to_numpy(dtype=float)
    # A list of an older version may have no impressions: then what was delivered is the dose.
    full = float(planned[treated].sum()) or float(shown[treated].sum())
    usual = full / max(float(households[treated].sum()), 1.0)
    each = np.divide(shown, households, out=np.zeros(len(units)), where=households > 0)
    told = rows[~rows["ground"].isin([Ground.COARSE, Ground.UNKNOWN])]["impressions_count"].sum()
    bought = rows[rows["ground"] == Ground.BOUGHT]["impressions_count"].sum()
    total = float(rows["impressions_count"].sum())
    fee_share = run.campaign.fee_percent / _PERCENT
    return DeliveredDoses(
        dose=pd.Series(each / usual if usual else 0.0, index=units),
        spent_usd=round(math.fsum(rows["spend_usd"]) * (1 + fee_share), 2),
        told_share=float(told) / total if total else 0.0,
        leak_share=1 - float(bought) / float(told) if told else 0.0,
        imports_count=len(ledger.receipts()),
        claims=sum_claims(as_table(delivery[inside], Delivery)),
    )
