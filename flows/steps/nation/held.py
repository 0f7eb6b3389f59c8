"""Find the predictors that runs hold of whole counties."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from flows.steps.nation.packed import pack_tables, unpack_tables
from outreach.errors import StoreError
from outreach.objectives import Objective
from outreach.store import Run, Store

#: Columns of a run's tracts that are no predictors.
_OTHERS = (
    "name",
    "status",
    "data_date",
    "cumulative_share",
    "internet_share",
    "daily_share",
    "daily_internet_share",
    "geometry",
)


@dataclass(frozen=True)
class HeldCounty:
    """What a run holds of a county, and how its campaign orders a list.

    Attributes
    ----------
    run_id
        The run.
    tracts
        Index ``geoid``: land area and the Bureau's predictors, as in
        :class:`outreach.tables.TractProfiles`.
    languages, objective
        Of the campaign.
    absent
        Sources that had no figures for it, such as ``responserate2010``.
    """

    run_id: str
    tracts: pd.DataFrame
    languages: tuple[str, ...]
    objective: Objective
    absent: tuple[str, ...] = ()


class HeldPredictors:
    """Finds the predictors of counties in the newest run of each campaign of a census.

    Parameters
    ----------
    store
        The runs. A damaged one counts as none.
    census_year
        The census whose rates are listed; runs that plan for another one are left out.
    """

    def __init__(self, store: Store, census_year: int) -> None:
        self._store = store
        self._runs: list[Run] = []
        slugs = set[str]()
        for run in store.survey()[0]:
            campaign = run.campaign
            fits = campaign.census_year == census_year and not campaign.is_plan
            if fits and campaign.slug not in slugs:
                slugs.add(campaign.slug)
                self._runs.append(run)

    def covers(self, state: str) -> bool:
        """Return whether a run has tracts of a state, by two digits."""
        return any(code[:2] == state for run in self._runs for code in run.campaign.codes)

    def find(self, rated: pd.Index) -> dict[str, HeldCounty]:
        """Return what is held of the counties of one state, by five digits.

        A county comes as a whole from the newest run that has all of its tracts with a rate.

        Parameters
        ----------
        rated
            The state's tracts with a rate.
        """
        groups = rated.to_series().groupby(rated.str[:5])
        counties = {str(code): set(geoids) for code, geoids in groups}
        held: dict[str, HeldCounty] = {}
        for run in self._runs:
            if not any(code[:2] == rated[0][:2] for code in run.campaign.codes):
                continue
            try:
                tracts = self._store.read_table(run.id, "tracts")
            except StoreError:
                continue
            table = pd.DataFrame(tracts.drop(columns=[each for each in _OTHERS if each in tracts]))
            for code, own in table.groupby(table.index.str[:5]):
                geoids = counties.get(str(code), set())
                if geoids and code not in held and geoids <= set(own.index):
                    held[str(code)] = HeldCounty(
                        run.id,
                        own.select_dtypes("number"),
                        run.campaign.creative_languages,
                        run.campaign.objective,
                        tuple(source.name for source in run.inputs if not source.rows),
                    )
        return dict(sorted(held.items()))


def pack_held(held: dict[str, HeldCounty]) -> bytes:
    """Write what is held of a state as one file, the same for the same content."""
    record = {
        code: {
            "run_id": county.run_id,
            "languages": list(county.languages),
            "objective": county.objective.value,
            "absent": list(county.absent),
        }
        for code, county in held.items()
    }
    return pack_tables({code: county.tracts for code, county in held.items()}, record)


def unpack_held(content: bytes) -> dict[str, HeldCounty]:
    """Read what :func:`pack_held` wrote."""
    unpacked = unpack_tables(content)
    if unpacked is None:
        raise ValueError("the predictors are damaged")
    return {
        code: HeldCounty(
            each["run_id"],
            unpacked.tables[code],
            tuple(each["languages"]),
            Objective(each["objective"]),
            tuple(each["absent"]),
        )
        for code, each in unpacked.record.items()
    }


def name_sources(held: Sequence[HeldCounty]) -> list[str]:
    """Name each source that has no figures of some held counties, once."""
    absent: dict[str, int] = {}
    for county in held:
        for source in county.absent:
            absent[source] = absent.get(source, 0) + 1
    return [
        f"The source {source} had no figures for {count:,} of the {len(held):,} counties with"
        " predictors."
        for source, count in sorted(absent.items())
    ]
