"""World (a) of the sandbox: an invented county, seeded, the same everywhere, served under the real API codes and file names.

No place, person or figure in it is real. Its state code, 99, was never given to a state; its ground
lies in the open Atlantic.
"""

import datetime as dt
import threading
from collections.abc import Mapping

import numpy as np

from outreach.sandbox.county.files import make_file
from outreach.sandbox.county.ground import COUNTY, STATE, Plan, draw_plan
from outreach.sandbox.county.people import People, settle_people
from outreach.sandbox.county.season import Season, Truth, published_on, run_season
from outreach.sandbox.county.tables import (
    serve_acs,
    serve_planning_database,
    serve_rates,
    serve_rates_2010,
)
from outreach.sandbox.world import ServedDataset

_ACS = range(2015, 2025)
_ACS_ON_2020_TRACTS = 2020
_PLANNING_DATABASE = range(2019, 2022)


class InventedCounty:
    """An invented county on a day of its census season.

    Parameters
    ----------
    seed
        Everything is drawn from it.
    today
        The day that callers meet: the rates are the latest published by then.
    advertising
        Impressions a household by tract (GEOID), to let advertising act in the season; ``truth``
        says how.
    advertising_from
        First day of the advertising.
    """

    def __init__(
        self,
        seed: int = 2020,
        today: dt.date = dt.date(2020, 5, 28),
        advertising: Mapping[str, float] | None = None,
        advertising_from: dt.date = dt.date(2020, 5, 1),
    ) -> None:
        self.seed, self.today = seed, today
        ground, folk, season = (np.random.default_rng([seed, part]) for part in range(3))
        self.plan: Plan = draw_plan(ground)
        blocks = self.plan.blocks
        people = settle_people(blocks, folk)
        self.people = {
            2020: people.gather(blocks["tract20"]),
            2010: people.gather(blocks["tract10"]),
        }
        table = self.people[2020].table
        rated = table[~table.index.isin(self.plan.rateless) & (table["housing"] > 0)]
        ward = blocks["ward"].groupby(blocks["tract20"]).agg(lambda names: names.mode().iloc[0])
        self.season: Season = run_season(People(rated), ward, season, advertising, advertising_from)
        self._lock = threading.RLock()
        self._served: dict[str, ServedDataset] = {}
        self._files: dict[str, bytes] = {}

    @property
    def truth(self) -> Truth:
        """What the county hides."""
        return self.season.truth

    def on(self, day: dt.date) -> "InventedCounty":
        """Return the same county on another day."""
        other = InventedCounty.__new__(InventedCounty)
        other.__dict__.update(self.__dict__, today=day, _served={})
        return other

    def published_on(self, day: dt.date) -> dt.date | None:
        """Return the data date that a call on ``day`` gets; ``None`` before the season."""
        return published_on(day)

    def describe(self) -> str:
        """Say what is served."""
        rated = len(self.season.geoids)
        return (
            f"an invented county (state {STATE}, county {COUNTY}): {rated} tracts with rates; "
            f"on {self.today} it publishes {published_on(self.today)}."
        )

    def dataset(self, vintage: int, path: str) -> ServedDataset | None:
        """Return a dataset, drawn when first asked for."""
        with self._lock:
            name = f"{vintage}/{path}"
            if name not in self._served:
                served = self._make_dataset(vintage, path)
                if served is None:
                    return None
                self._served[name] = served
            return self._served[name]

    def _make_dataset(self, vintage: int, path: str) -> ServedDataset | None:
        """Draw a dataset; what a vintage of a survey finds depends on nothing but the seed."""
        match path:
            case "dec/responserate" if vintage == 2020:  # noqa: PLR2004  the season's year
                return serve_rates(self.season, self.plan, published_on(self.today))
            case "dec/responserate" if vintage == 2010:  # noqa: PLR2004  the census before
                return serve_rates_2010(self.season, np.random.default_rng([self.seed, vintage]))
            case "acs/acs5" if vintage in _ACS:
                tracts = self.people[2020 if vintage >= _ACS_ON_2020_TRACTS else 2010]
                return serve_acs(tracts, np.random.default_rng([self.seed, vintage]))
            case "pdb/tract" if vintage in _PLANNING_DATABASE:
                survey_year = vintage - 2
                return serve_planning_database(
                    self.people[2010], np.random.default_rng([self.seed, survey_year]), vintage
                )
        return None

    def file(self, path: str) -> bytes | None:
        """Return a boundary, block, relationship or district file, drawn and zipped when first asked for."""
        with self._lock:
            if path not in self._files:
                content = make_file(self.plan, path)
                if content is None:
                    return None
                self._files[path] = content
            return self._files[path]
