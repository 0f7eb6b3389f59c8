"""Say in which tracts partners were, by their logs and a list."""

import datetime as dt
from pathlib import Path

import pandas as pd

from flows.steps.delivering.activity import open_log
from outreach.campaign import Campaign
from outreach.delivery.places import match_places
from outreach.store import Run, Store
from outreach.tables import Activity, DataFrame, Targets, TractActivity, as_table
from outreach.units import UnitKind

_MEMBERS_FILE = "tables/members.parquet"
_ZIP = r"\d{5}"


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
    store: Store,
    campaign: Campaign,
    through: dt.date,
    targets: DataFrame[Targets],
    members: pd.DataFrame | None,
    households: "pd.Series[float]",
) -> DataFrame[TractActivity] | None:
    """Return in which tracts partners of a campaign were by a day; ``None`` without a log.

    Parameters
    ----------
    home, store, campaign
        The service's folder, its store, and whose log is read.
    through
        The last day.
    targets, members, households
        As in :func:`spread_activity`. ZIPs that are not on the list are looked up on the campaign's
        approved lists, because what was done in them stays done when a list is a new one.
    """
    activity = open_log(home, campaign).read()
    until = activity[activity["day"] <= pd.Timestamp(through)]
    if until.empty:
        return None
    off = until["place"].str.fullmatch(_ZIP) & (match_places(until["place"], targets) == "")
    if off.any():
        targets, members = _add_approved_zips(store, campaign, targets, members)
    return spread_activity(as_table(until, Activity), targets, members, households)


def _add_approved_zips(
    store: Store, campaign: Campaign, targets: DataFrame[Targets], members: pd.DataFrame | None
) -> tuple[DataFrame[Targets], pd.DataFrame | None]:
    """Add the ZIPs of the campaign's approved lists that a list lacks, the last list first.

    A ZIP is the same ground on each list. The number of a circle or polygon is not.
    """
    approved = [
        (approval.approved_at, run.id)
        for run in store.runs(campaign.slug)
        if (approval := store.approval(run.id)) is not None
        and store.has_output(run.id, _MEMBERS_FILE)
    ]
    lists, parts = [pd.DataFrame(targets)], [] if members is None else [members]
    known = set(targets.index)
    for _, run_id in sorted(approved, reverse=True):
        table = store.read_table(run_id, "targets")
        new = table[(table["kind"] == UnitKind.ZIP) & ~table.index.isin(list(known))]
        if len(new):
            rows = store.read_table(run_id, "members")
            lists.append(new)
            parts.append(rows[rows["unit_id"].isin(new.index)])
            known |= set(new.index)
    if len(lists) == 1:
        return targets, members
    filled = [table for table in lists if len(table)]
    return as_table(pd.concat(filled), Targets), pd.concat(parts, ignore_index=True)


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
    has_members = store.has_output(run.id, _MEMBERS_FILE)
    return read_tract_activity(
        home,
        store,
        run.campaign,
        run.data_date,
        as_table(store.read_table(run.id, "targets"), Targets),
        store.read_table(run.id, "members") if has_members else None,
        households,
    )
