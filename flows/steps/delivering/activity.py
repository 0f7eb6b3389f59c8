"""Compare what partners did with the units of a list, and between the arms of its test."""

from pathlib import Path

import pandas as pd

from flows.steps.measuring.flight import DrawnTest
from outreach.campaign import Campaign
from outreach.delivery.activity import ActivityLog
from outreach.delivery.places import match_places
from outreach.phrasing import write_count
from outreach.store import Run, Store
from outreach.tables import Activity, DataFrame, Targets, as_table
from outreach.units import Arm

KINDS = ("calls", "doors", "events", "texts")
#: Contacts for each household may differ by this factor between the arms before it is warned about.
_MOST_RATIO = 1.5


def open_log(home: Path, campaign: Campaign) -> ActivityLog:
    """Return the log of a campaign, which all its lists share."""
    return ActivityLog(home / "activity" / f"{campaign.slug}-{campaign.census_year}")


def place_activity(
    store: Store, run: Run, activity: DataFrame[Activity]
) -> tuple[DataFrame[Targets], pd.DataFrame]:
    """Return the units of a list, and the rows of a log with their unit.

    A tract counts to the unit that holds most of it. ``unit_id`` is empty for places off the list.
    """
    targets = as_table(store.read_table(run.id, "targets"), Targets)
    units = match_places(activity["place"], targets)
    if store.has_output(run.id, "tables/members.parquet"):
        members = store.read_table(run.id, "members")
        largest = members.sort_values("weight").drop_duplicates("geoid", keep="last")
        by_tract = largest.set_index("geoid")["unit_id"]
        units = units.where(units != "", activity["place"].map(by_tract).fillna(""))
    return targets, activity.assign(unit_id=units.astype(str))


def list_gaps(store: Store, run: Run, activity: DataFrame[Activity]) -> pd.DataFrame:
    """Return the units of a list with what partners did there; units without anything first.

    Returns
    -------
    DataFrame
        Index ``unit_id``: ``label``, ``arm``, ``missing_households_count``, contacts of each kind
        (``calls_count``, ...), ``last_day``, and ``is_gap``; most missing households first.
    """
    targets, rows = place_activity(store, run, activity)
    table = targets[["label", "arm", "missing_households_count"]].copy()
    for kind in KINDS:
        own = rows[rows["kind"] == kind].groupby("unit_id")["contacts_count"].sum()
        table[f"{kind}_count"] = own.reindex(table.index).fillna(0.0)
    table["last_day"] = rows.groupby("unit_id")["day"].max().reindex(table.index)
    table["is_gap"] = table["last_day"].isna()
    return table.sort_values(
        ["is_gap", "missing_households_count"], ascending=[False, False], kind="stable"
    )


def warn_activity(store: Store, home: Path, run: Run, test: DrawnTest) -> list[str]:
    """Say what partners did during a flight in either arm; nothing without a log.

    Parameters
    ----------
    store, home, run, test
        The runs, the service's folder, and the run whose test is read out.
    """
    arms = test.arms
    activity = open_log(home, run.campaign).read()
    first, last = pd.Timestamp(test.plan.flight_start), pd.Timestamp(test.plan.flight_end)
    during = as_table(activity[activity["day"].between(first, last)], Activity)
    if during.empty:
        return []
    targets, rows = place_activity(store, run, during)
    by_arm = rows.groupby(rows["unit_id"].map(arms).fillna(""))["contacts_count"].sum()
    households = targets["households_count"].groupby(arms.reindex(targets.index).fillna("")).sum()
    contacts = {arm: float(by_arm.get(arm, 0.0)) for arm in (Arm.TREAT, Arm.HOLDOUT)}
    rates = [contacts[arm] / max(float(households.get(arm, 0.0)), 1.0) for arm in contacts]
    sentence = (
        f"Partners logged {write_count(contacts[Arm.TREAT], 'contact')} in units with ads and"
        f" {contacts[Arm.HOLDOUT]:,.0f} in held-out ones during the flight"
        f" ({100 * rates[0]:.1f} and {100 * rates[1]:.1f} for each 100 households)"
    )
    if max(rates) > _MOST_RATIO * min(rates):
        return [f"{sentence}: the arms differ in more than the ads, so the result measures both."]
    return [f"{sentence}, which is alike."]
