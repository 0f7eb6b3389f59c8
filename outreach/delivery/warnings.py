"""Name what is wrong with a flight while there is time to act."""

import math

import pandas as pd

from outreach.delivery.plan import FlightPlan
from outreach.delivery.reconcile import Reconciliation
from outreach.units import Ground

#: Pacing that is off by more than this is warned about, from so many days of the flight on.
PACE_OFF = 0.20
_LEAST_DAYS = 3
#: The kinds of warnings, in their order.
KINDS = ("holdout", "buffer", "unbought", "pace", "gap", "outside")
_COLUMNS = {
    "kind": "",
    "channel": "",
    "place": "",
    "unit_id": "",
    "first_day": pd.NaT,
    "days_count": math.nan,
    "impressions_count": math.nan,
    "spend_usd": math.nan,
    "pace": math.nan,
}
_LEAK_KINDS = {
    Ground.HOLDOUT.value: "holdout",
    Ground.BUFFER.value: "buffer",
    Ground.UNBOUGHT.value: "unbought",
}


def list_warnings(plan: FlightPlan, made: Reconciliation) -> pd.DataFrame:
    """Return what is wrong with a flight: ads where none were bought, money off its pace, gaps.

    Parameters
    ----------
    plan, made
        The plan, and what was delivered against it.

    Returns
    -------
    DataFrame
        A row is a warning, the most serious first: ``kind`` (:data:`KINDS`), and what it is about:
        ``channel``, ``place``, ``unit_id``, ``first_day``, ``days_count``, ``impressions_count``,
        ``spend_usd``, ``pace``.
    """
    rows = [
        {
            "kind": _LEAK_KINDS[leak["ground"]],
            **{name: leak[name] for name in _COLUMNS if name in leak},
        }
        for leak in made.leaks.to_dict("records")
    ]
    rows += _warn_pace(made)
    rows += _warn_gaps(plan, made)
    outside = made.rows[
        ~made.rows["day"].between(pd.Timestamp(plan.first), pd.Timestamp(plan.last))
    ]
    if outside["impressions_count"].sum() > 0 or outside["spend_usd"].sum() > 0:
        rows.append(
            {
                "kind": "outside",
                "first_day": outside["day"].min(),
                "days_count": outside["day"].nunique(),
                "impressions_count": outside["impressions_count"].sum(),
                "spend_usd": math.fsum(outside["spend_usd"]),
            }
        )
    table = pd.DataFrame([{**_COLUMNS, **row} for row in rows], columns=list(_COLUMNS))
    return table.astype({"first_day": "datetime64[ns]"})


def _warn_pace(made: Reconciliation) -> list[dict[str, object]]:
    """Warn of channels whose money is off its pace, before the end of the flight."""
    elapsed = (made.through - made.first).days + 1
    if made.is_over or elapsed < _LEAST_DAYS:
        return []
    channels = made.pacing["channel"] != ""
    # With one channel, the line of everything says the same.
    pacing = made.pacing[channels] if channels.sum() > 1 else made.pacing[~channels]
    if pacing["pace"].isna().all():
        pacing = made.pacing[~channels]
    off = pacing[(pacing["pace"] - 1).abs() > PACE_OFF]
    money = zip(off["channel"], off["pace"], off["delivered_usd"], strict=True)
    return [
        {"kind": "pace", "channel": channel, "pace": pace, "spend_usd": spend_usd}
        for channel, pace, spend_usd in money
    ]


def _warn_gaps(plan: FlightPlan, made: Reconciliation) -> list[dict[str, object]]:
    """Warn of days of the flight without a report of a channel, up to the last one with any."""
    days = pd.date_range(plan.first, min(made.through, plan.last))
    rows: list[dict[str, object]] = []
    for channel, own in made.rows.groupby("channel"):
        missing = days.difference(pd.DatetimeIndex(own["day"].unique()))
        if len(missing):
            rows.append(
                {
                    "kind": "gap",
                    "channel": channel,
                    "first_day": missing[0],
                    "days_count": len(missing),
                }
            )
    return rows
