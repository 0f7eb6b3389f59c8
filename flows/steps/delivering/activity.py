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
from outreach.units import ActivityKind, Arm

#: How a note ends that says that ads and partners' work cannot be told apart.
UNLIKE = ": the arms differ in more than the ads, so the result measures both."
#: Contacts for each 100 households may differ by this factor between the arms before it is warned
#: about, and no warning is given where both arms have fewer than so many.
_MOST_RATIO, _LEAST_RATE = 1.5, 0.1
_COMPARED = [Arm.TREAT, Arm.HOLDOUT]
#: What contacts of a kind are, in a sentence.
_NOUNS = {kind: kind.value for kind in ActivityKind} | {ActivityKind.EVENTS: "people at events"}


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


def sum_activity(activity: DataFrame[Activity]) -> pd.DataFrame:
    """Return what each organization did, the newest first.

    Returns
    -------
    DataFrame
        ``organization``, ``kind``, ``contacts_count``, ``places_count``, ``first_day``, and
        ``last_day``; no row without a log.
    """
    sums = activity.groupby(["organization", "kind"], as_index=False).agg(
        contacts_count=("contacts_count", "sum"),
        places_count=("place", "nunique"),
        first_day=("day", "min"),
        last_day=("day", "max"),
    )
    return sums.sort_values(["last_day", "organization"], ascending=[False, True], kind="stable")


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
    for kind in ActivityKind:
        own = rows[rows["kind"] == kind].groupby("unit_id")["contacts_count"].sum()
        table[f"{kind}_count"] = own.reindex(table.index).fillna(0.0)
    table["last_day"] = rows.groupby("unit_id")["day"].max().reindex(table.index)
    table["is_gap"] = table["last_day"].isna()
    return table.sort_values(
        ["is_gap", "missing_households_count"], ascending=[False, False], kind="stable"
    )


def warn_activity(store: Store, home: Path, run: Run, test: DrawnTest) -> list[str]:
    """Say what partners did during a flight in either arm; nothing without a log.

    Returns
    -------
    list of str
        All contacts, each kind in which the arms differ, and units of which no log says anything.

    Parameters
    ----------
    store, home, run, test
        The runs, the service's folder, and the run whose test is read out.
    """
    activity = open_log(home, run.campaign).read()
    first, last = pd.Timestamp(test.plan.flight_start), pd.Timestamp(test.plan.flight_end)
    during = as_table(activity[activity["day"].between(first, last)], Activity)
    if during.empty:
        return []
    targets, rows = place_activity(store, run, during)
    arms = test.arms.reindex(targets.index).fillna("")
    rows = rows.assign(arm=rows["unit_id"].map(test.arms).fillna(""))
    households = targets["households_count"].groupby(arms).sum().reindex(_COMPARED).fillna(0.0)

    # Contacts of all kinds together, then those kinds in which the arms differ.
    contacts = rows.groupby("arm")["contacts_count"].sum().reindex(_COMPARED).fillna(0.0)
    treat, holdout = (100 * contacts / households.clip(lower=1.0)).tolist()
    sentence = (
        f"Partners logged {write_count(contacts[Arm.TREAT], 'contact')} in units with ads and"
        f" {contacts[Arm.HOLDOUT]:,.0f} in held-out ones during the flight"
        f" ({treat:.1f} and {holdout:.1f} for each 100 households)"
    )
    verdict = UNLIKE if _is_unlike(treat, holdout) else ", which is alike."
    return [sentence + verdict, *_list_unlike(rows, households), _count_untouched(rows, arms)]


def _is_unlike(treat: float, holdout: float) -> bool:
    """Return whether the arms differ in contacts for each 100 households."""
    most = max(treat, holdout)
    return most >= _LEAST_RATE and most > _MOST_RATIO * min(treat, holdout)


def _list_unlike(rows: pd.DataFrame, households: "pd.Series[float]") -> list[str]:
    """Say in which kinds of work the arms differ."""
    sums = rows.pivot_table(
        values="contacts_count", index="kind", columns="arm", aggfunc="sum", fill_value=0.0
    )
    rates = 100 * sums.reindex(columns=_COMPARED, fill_value=0.0) / households.clip(lower=1.0)
    return [
        f"Of {_NOUNS[ActivityKind(kind)]} they logged {treat:.1f} and {holdout:.1f} for each 100"
        f" households: the arms differ in them, so ads and {kind} cannot be told apart."
        for kind, treat, holdout in rates.itertuples(name=None)
        if _is_unlike(treat, holdout)
    ]


def _count_untouched(rows: pd.DataFrame, arms: "pd.Series[str]") -> str:
    """Say of how many units of either arm no log says anything."""
    is_gap = ~arms.index.isin(rows["unit_id"])
    (treat, treat_gaps), (holdout, holdout_gaps) = (
        (int((arms == arm).sum()), int(((arms == arm) & is_gap).sum())) for arm in _COMPARED
    )
    return (
        f"{treat_gaps:,} of {treat:,} units with ads and {holdout_gaps:,} of {holdout:,} held-out"
        " ones have nothing in the logs of the flight."
    )
