"""Say in which tracts partners were, by their logs and a list."""

import datetime as dt
from pathlib import Path

import pandas as pd

from flows.steps.delivering.activity import open_log
from outreach.campaign import Campaign
from outreach.delivery.places import match_places
from outreach.store import Run, Store
from outreach.tables import Activity, DataFrame, Targets, TractActivity, as_table


def spread_activity(
    activity: DataFrame[Activity],
    targets: DataFrame[Targets],
    members: pd.DataFrame | None,
    households: "pd.Series[float]",
) -> DataFrame[TractActivity]:
    """Return in which tracts partners were, as far as the list tells.

    Contacts of a tract are its own. Those of a ZIP or another unit of the list are divided among
    its tracts by their households in it, or by its parts of them where none are counted. Places
    that are neither are left out.

    Parameters
    ----------
    activity
        A log.
    targets, members
        A list, and how much of each tract lies in each of its units
        (:func:`geo.footprint.weigh_members`); without members only tracts have contacts.
    households
        Households of every tract of the run, by ``geoid``.
    """
    is_tract = activity["place"].isin(households.index)
    whole = activity[is_tract].assign(geoid=activity["place"], part=1.0)
    others = activity[~is_tract].assign(unit_id=match_places(activity["place"], targets))
    parts = pd.DataFrame({"unit_id": [], "geoid": [], "part": []})
    if members is not None:
        parts = members[members["geoid"].isin(households.index)].copy()
        counts = parts["weight"] * parts["geoid"].map(households).fillna(0.0)
        is_counted = counts.groupby(parts["unit_id"]).transform("sum") > 0
        parts["part"] = counts.where(is_counted, parts["weight"])
        parts["part"] /= parts.groupby("unit_id")["part"].transform("sum")
    divided = others.merge(parts[["unit_id", "geoid", "part"]], on="unit_id")

    rows = pd.concat([part for part in (whole, divided) if len(part)] or [whole])
    rows["contacts_count"] *= rows["part"]
    keys = ["geoid", "day", "organization", "kind"]
    sums = rows.groupby(keys, as_index=False)["contacts_count"].sum().set_index("geoid")
    return as_table(sums, TractActivity)


def read_tract_activity(
    home: Path,
    campaign: Campaign,
    through: dt.date,
    targets: DataFrame[Targets],
    members: pd.DataFrame | None,
    households: "pd.Series[float]",
) -> DataFrame[TractActivity] | None:
    """Return in which tracts partners of a campaign were by a day; ``None`` without a log.

    Parameters
    ----------
    home, campaign
        The service's folder, and whose log is read.
    through
        The last day.
    targets, members, households
        As in :func:`spread_activity`.
    """
    activity = open_log(home, campaign).read()
    until = activity[activity["day"] <= pd.Timestamp(through)]
    if until.empty:
        return None
    return spread_activity(as_table(until, Activity), targets, members, households)


def read_run_activity(
    home: Path, store: Store, run: Run, households: "pd.Series[float]"
) -> DataFrame[TractActivity] | None:
    """Return in which tracts of a kept run partners were, by today's log and the run's list.

    Parameters
    ----------
    home, store, run
        The service's folder, its store, and the run.
    households
        As in :func:`spread_activity`.
    """
    has_members = store.has_output(run.id, "tables/members.parquet")
    return read_tract_activity(
        home,
        run.campaign,
        run.data_date,
        as_table(store.read_table(run.id, "targets"), Targets),
        store.read_table(run.id, "members") if has_members else None,
        households,
    )
