"""Measure the states of an atlas from the plans for a census that has not begun.

The newest run of each campaign that plans for it counts, and where several have a county, the
newest of these has the county as a whole.
"""

from collections.abc import Sequence

import pandas as pd

from maps.atlas.counties import StateFigures
from maps.atlas.plan import measure_plan
from models.planning.hard_to_count import class_tracts
from outreach.errors import NothingThere
from outreach.rates import AreaErrors
from outreach.settings import Settings
from outreach.store import Run, Store

#: Columns of the tracts and of the scores of a plan, besides the final rate of the last census.
_TRACTS = ("data_date", "cumulative_share", "households_count", "housing_units_count")
_SCORES = ("missing_households_count", "final_low80_share", "final_high80_share")
#: The first census with rates in the archive of this version.
_FIRST = 2020


def find_census(settings: Settings) -> int:
    """Return the census that an atlas shows unless one is named: the last one that runs plan for.

    Without a plan it is the one whose rates the archive has had from the start.
    """
    planned = [run.campaign.census_year for run in _list_plans(settings)]
    return max([_FIRST, *planned])


def measure_plans(
    settings: Settings, census_year: int, requested: Sequence[str]
) -> dict[str, StateFigures]:
    """Measure what plans expect in each state, in the order of their codes.

    Parameters
    ----------
    settings
        Where runs are.
    census_year
        The census that they plan for.
    requested
        Two-digit codes of states; all with a plan if empty.

    Returns
    -------
    dict of str to StateFigures
        Empty if no run plans for that census.

    Raises
    ------
    NothingThere
        No plan has a requested state.
    """
    last = f"final_{census_year - 10}_share"
    tables, errors = dict[str, pd.DataFrame](), dict[str, AreaErrors | None]()
    store = Store(settings.runs_folder)
    for run in _list_plans(settings):
        if run.campaign.census_year != census_year:
            continue
        expected = _read_plan(store, run, last)
        for county, part in expected.groupby(expected.index.str[:5]):
            if str(county) not in tables:
                tables[str(county)] = part
                found = run.assessment.get("area_errors")
                errors[str(county)] = AreaErrors(**found) if found else None

    states = sorted({county[:2] for county in tables})
    for state in requested:
        if tables and state not in states:
            raise NothingThere(
                f"No plan for {census_year} has tracts of state {state}.",
                f"There are plans of: {', '.join(states)}. Run one of that state first.",
            )
    return {
        state: measure_plan(
            pd.concat([tables[county] for county in sorted(tables) if county[:2] == state]),
            last,
            errors,
        )
        for state in (sorted(set(requested)) or states)
        if tables
    }


def _list_plans(settings: Settings) -> list[Run]:
    """Return the newest run of each campaign that plans, newest first."""
    plans: dict[str, Run] = {}
    for run in Store(settings.runs_folder).survey()[0]:
        if run.campaign.is_plan:
            plans.setdefault(run.campaign.slug, run)
    return list(plans.values())


def _read_plan(store: Store, run: Run, last: str) -> pd.DataFrame:
    """Return the tracts of a plan of which something is expected."""
    tracts = pd.DataFrame(store.read_table(run.id, "tracts")).reindex(columns=[*_TRACTS, last])
    scores = pd.DataFrame(store.read_table(run.id, "scores")).reindex(columns=list(_SCORES))
    table = tracts.join(scores, how="left", validate="one_to_one")
    table = table[table["cumulative_share"].notna()]
    classes = class_tracts(table["cumulative_share"])
    return table.assign(data_date=pd.Timestamp(run.data_date), hard_to_count_class=classes)
