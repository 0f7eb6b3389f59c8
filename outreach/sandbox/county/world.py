"""Serve an invented county under the real API codes and file names.

The county is drawn from a seed and the same everywhere. No place, person, or figure in it is real.
No state ever had its state code, 99, and its ground is in the open Atlantic.
"""

import datetime as dt
import threading
from collections.abc import Mapping

import numpy as np

from outreach.sandbox.county.dates import find_published
from outreach.sandbox.county.files import make_file
from outreach.sandbox.county.land.blocks import serve_blocks
from outreach.sandbox.county.land.codes import STATE
from outreach.sandbox.county.land.ground import COUNTY, CountyGround, draw_ground
from outreach.sandbox.county.people import People, draw_people
from outreach.sandbox.county.season import HiddenTruth, InventedSeason, run_season
from outreach.sandbox.county.tables import (
    serve_acs,
    serve_final_rates,
    serve_planning_database,
    serve_rates,
    serve_rates_2010,
)
from outreach.sandbox.world import ServedDataset

_ACS = range(2015, 2025)
_ACS_ON_2020_TRACTS = 2020
_PLANNING_DATABASE = range(2019, 2025)
_PLANNING_ON_2020_TRACTS = 2022
#: When the final rates of 2020 were there for all; the day itself is not known (ASSUMED).
_FINALS_PUBLISHED = dt.date(2021, 6, 1)
#: The day on which the redistricting data of 2020 were published.
_BLOCKS_PUBLISHED = dt.date(2021, 8, 12)


class InventedCounty:
    """An invented county on a day of its census season.

    Parameters
    ----------
    seed
        Everything is drawn from it.
    today
        The day on which requests arrive: the rates are the latest published by then.
    advertising
        Impressions per household by tract (GEOID), to let advertising act in the season. ``truth``
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
        ground_rng, people_rng, season_rng = (
            np.random.default_rng([seed, part]) for part in range(3)
        )
        self.ground: CountyGround = draw_ground(ground_rng)
        blocks = self.ground.blocks
        people = draw_people(blocks, people_rng)
        self.people = {
            2020: people.group(blocks["tract20"]),
            2010: people.group(blocks["tract10"]),
        }

        table = self.people[2020].table
        has_rate = ~table.index.isin(self.ground.rateless) & (table["housing"] > 0)
        ward = blocks["ward"].groupby(blocks["tract20"]).agg(lambda names: names.mode().iloc[0])
        self.season: InventedSeason = run_season(
            People(table[has_rate]), ward, season_rng, advertising, advertising_from
        )
        self._lock = threading.RLock()
        self._datasets: dict[str, ServedDataset] = {}
        self._files: dict[str, bytes] = {}

    @property
    def truth(self) -> HiddenTruth:
        """What the county hides."""
        return self.season.truth

    def on(self, day: dt.date) -> "InventedCounty":
        """Return the same county on another day."""
        other = InventedCounty.__new__(InventedCounty)
        other.__dict__.update(self.__dict__, today=day, _datasets={})
        return other

    def describe(self) -> str:
        """Say in one line what is served."""
        tracts = len(self.season.geoids)
        return (
            f"an invented county (state {STATE}, county {COUNTY}): {tracts} tracts with rates; "
            f"on {self.today} it publishes {find_published(self.today)}."
        )

    def dataset(self, vintage: int, path: str) -> ServedDataset | None:
        """Return a dataset; it is drawn on the first request."""
        with self._lock:
            name = f"{vintage}/{path}"
            if name not in self._datasets:
                dataset = self._make_dataset(vintage, path)
                if dataset is None:
                    return None
                self._datasets[name] = dataset
            return self._datasets[name]

    def _make_dataset(self, vintage: int, path: str) -> ServedDataset | None:  # noqa: PLR0911  one return for each dataset
        """Draw a dataset. What a vintage of a survey finds depends on the seed alone."""
        match path:
            case "dec/responserate" if vintage == 2020:  # noqa: PLR2004  the season's year
                return serve_rates(self.season, self.ground, find_published(self.today))
            case "dec/responserate" if vintage == 2010:  # noqa: PLR2004  the previous census
                return serve_rates_2010(self.season, np.random.default_rng([self.seed, vintage]))
            case "dec/pl" if vintage == 2020 and self.today >= _BLOCKS_PUBLISHED:  # noqa: PLR2004  the season's year
                return serve_blocks(self.ground)
            case "acs/acs5" if vintage in _ACS:
                tracts = self.people[2020 if vintage >= _ACS_ON_2020_TRACTS else 2010]
                return serve_acs(tracts, np.random.default_rng([self.seed, vintage]), vintage)
            case "dec/selfresponserate" if vintage == 2020 and self.today >= _FINALS_PUBLISHED:  # noqa: PLR2004  the season's year
                past = serve_rates_2010(self.season, np.random.default_rng([self.seed, 2010]))
                return serve_final_rates(self.season, past)
            case "pdb/tract" if vintage in _PLANNING_DATABASE:
                rng = np.random.default_rng([self.seed, vintage - 2])
                tracts = self.people[2020 if vintage >= _PLANNING_ON_2020_TRACTS else 2010]
                return serve_planning_database(tracts, rng, vintage)
        return None

    def file(self, path: str) -> bytes | None:
        """Return a boundary, block, relationship, or district file; made on the first request."""
        with self._lock:
            if path not in self._files:
                content = make_file(self.ground, path)
                if content is None:
                    return None
                self._files[path] = content
            return self._files[path]
