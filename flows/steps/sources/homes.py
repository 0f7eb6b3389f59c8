"""Find the homes of an atlas's tracts: from the newest runs, else from the Census Bureau."""

import io
from dataclasses import replace
from pathlib import Path

import pandas as pd

from flows.steps.kept.files import keep_file
from outreach.campaign import Area
from outreach.census.client import discover_datasets, fetch_profiles
from outreach.errors import DataError, KeyRefused, ServiceError, SettingsError, StoreError
from outreach.settings import Settings
from outreach.store import Store
from outreach.transport import Transport

#: What the tracts of a county can be weighted by, the best first.
COLUMNS = ("households_count", "housing_units_count")
#: Kept replies of the Bureau: one for each state.
_KEPT = 60


class Homes:
    """Finds the homes of tracts, state by state, and says what it could not have.

    Parameters
    ----------
    settings
        Where runs and kept files are, and the key.
    census_year
        The census whose rates are shown.

    Attributes
    ----------
    notes : list of str
        Why a state has no counts, for the maker of the atlas.
    """

    def __init__(self, settings: Settings, census_year: int) -> None:
        self.settings = settings
        self.census_year = census_year
        self.notes: list[str] = []
        self._of_runs = self._read_runs()
        self._transport: Transport | None = None
        try:
            self._transport = Transport(settings, settings.find_key())
        except KeyRefused:
            pass  # without a key, counties that no run has are not weighted, which the page says
        except SettingsError as error:
            self.notes.append(f"No homes were requested. {error}")

    def find(self, rated: pd.Index) -> pd.DataFrame:
        """Return the homes of tracts of one state, as far as they are to be had.

        A county comes from one source as a whole: the newest run that has all of its tracts with a
        rate, else the American Community Survey where there is a key.

        Parameters
        ----------
        rated
            Tracts with a rate.

        Returns
        -------
        DataFrame
            Index ``geoid``; :data:`COLUMNS`. Tracts without a source are left out.
        """
        parts, lacking = [], []
        for county, geoids in rated.to_series().groupby(rated.str[:5]):
            own = next(
                (
                    table
                    for table in self._of_runs.get(county, [])
                    if geoids.isin(table.index).all()
                ),
                None,
            )
            if own is None:
                lacking.append(str(county))
            else:
                parts.append(own)
        if lacking and (survey := self._ask_survey(str(rated[0])[:2])) is not None:
            parts.append(survey[survey.index.str[:5].isin(lacking)])
        return pd.concat(parts) if parts else pd.DataFrame(columns=list(COLUMNS), dtype=float)

    def _read_runs(self) -> dict[str, list[pd.DataFrame]]:
        """Return the homes that the newest run of each campaign has, by county, newest first."""
        store, tables, seen = (
            Store(self.settings.runs_folder),
            dict[str, list[pd.DataFrame]](),
            set(),
        )
        for run in store.survey()[0]:
            campaign = run.campaign
            if campaign.census_year != self.census_year or campaign.is_plan:
                continue
            if campaign.slug in seen:
                continue
            seen.add(campaign.slug)
            try:
                tracts = store.read_table(run.id, "tracts")
            except StoreError:
                continue
            homes = _choose_columns(pd.DataFrame(tracts))
            for county, part in homes.groupby(homes.index.str[:5]):
                tables.setdefault(str(county), []).append(part)
        return tables

    def _ask_survey(self, state: str) -> pd.DataFrame | None:
        """Return the homes of a state by the survey that ended in the census year, kept once."""
        if self._transport is None:
            return None
        path = self.settings.files_cache / "homes" / f"acs5-{self.census_year}-{state}.csv"
        kept = _read_kept(path)
        if kept is not None:
            return kept
        survey = discover_datasets()["acs5"]
        variables = tuple(each for each in survey.variables if each.name in COLUMNS)
        try:
            profiles = fetch_profiles(
                replace(survey, variables=variables),
                self.census_year,
                Area(state=state),
                self._transport,
            )
        except (ServiceError, DataError) as error:
            self.notes.append(f"The homes of state {state} could not be requested. {error.what}")
            return None
        homes = _choose_columns(pd.DataFrame(profiles))
        text = io.StringIO()
        homes.to_csv(text)
        keep_file(path, text.getvalue().encode("utf-8"), _KEPT)
        return homes


def _read_kept(path: Path) -> pd.DataFrame | None:
    """Read the kept homes of a state; ``None`` if there are none, or the file is damaged."""
    try:
        table = pd.read_csv(path, dtype={"geoid": str}).set_index("geoid")
        return table[list(COLUMNS)].astype(float)
    except (OSError, ValueError, KeyError):
        return None


def _choose_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of homes as numbers, an empty column for one that is not there."""
    return table.reindex(columns=list(COLUMNS)).astype(float)
