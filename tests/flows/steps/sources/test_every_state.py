"""Every state, and Puerto Rico, goes through pull, join, list, and map."""

import datetime as dt
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import us
from pydantic import SecretStr

from flows.steps.buying.list_rules import read_list_rules
from flows.steps.nation.lists import list_state
from flows.steps.results.map_view import make_map_view
from flows.steps.sources.gather import Gathered
from flows.steps.sources.join import join_gathered
from flows.steps.sources.pulled import Pulled, describe_pull
from geo.boundaries import fetch_boundaries
from maps.run.page import build_map
from models.curves.season_file import load_season_model
from models.curves.season_model import SeasonModel
from models.targeting.priority import score_tracts
from outreach.campaign import Area, Campaign
from outreach.census.client import discover_datasets, fetch_rates
from outreach.sandbox.server import Sandbox
from outreach.sandbox.shapefile import format_tracts, zip_shapefile
from outreach.sandbox.world import ServedDataset
from outreach.settings import Settings
from outreach.tables import ResponseRates, as_table
from outreach.transport import Transport

DAY = dt.date(2020, 5, 1)
STATES = sorted({str(each.fips) for each in (*us.STATES, us.states.DC, us.states.PR)})
#: A county that some states have and others lack: a city of Virginia, a census area of Alaska.
COUNTIES = {"02": "016", "09": "001", "11": "001", "15": "005", "51": "760"}
#: Corner of the ground, longitude and latitude; the Aleutians lie on both sides of 180 degrees.
CORNERS = {"02": (179.97, 51.9), "15": (-157.0, 21.1), "72": (-66.5, 18.2)}
TRACTS = 9


class Skeleton:
    """A nation of one county a state: rates and boundaries, and no predictor anywhere."""

    def describe(self) -> str:
        return "a skeleton of the nation"

    def dataset(self, vintage: int, path: str) -> ServedDataset | None:
        if (vintage, path) != (2020, "dec/responserate"):
            return None
        return self._rates

    @cached_property
    def _rates(self) -> ServedDataset:
        rows = pd.concat([self._rate(state) for state in STATES], ignore_index=True)
        return ServedDataset({"tract": rows})

    def file(self, path: str) -> bytes | None:
        name = path.rpartition("/")[2]
        state = name.split("_")[2] if name.startswith("cb_2020_") else ""
        if state not in STATES or name != f"cb_2020_{state}_tract_500k.zip":
            return None
        return zip_shapefile(format_tracts(self._draw(state)), name.removesuffix(".zip"))

    def _rate(self, state: str) -> pd.DataFrame:
        geoids = pd.Series(self._draw(state).index[:-1])  # the last tract is water
        share = 40 + (np.arange(len(geoids)) * 7 + int(state)) % 45
        return pd.DataFrame(
            {
                "GEO_ID": "1400000US" + geoids,
                "NAME": None,
                "RESP_DATE": DAY.isoformat(),
                **{name: [f"{value:.1f}" for value in share] for name in ("CRRALL", "CRRINT")},
                **dict.fromkeys(("DRRALL", "DRRINT"), "0.1"),
                "state": geoids.str[:2],
                "county": geoids.str[2:5],
                "tract": geoids.str[5:],
            }
        )

    def _draw(self, state: str) -> gpd.GeoDataFrame:
        """Draw a row of squares; Alaska's crosses the antimeridian, the last one has no land."""
        west, south = CORNERS.get(state, (-60.0 - int(state), 40.0))
        county = state + COUNTIES.get(state, "001")
        easts = [west + 0.01 * at for at in range(TRACTS)]
        lefts = [east - 360 if east >= 180 else east for east in easts]
        boxes = [
            shapely.box(
                left - 360 * (left >= 180), south, left + 0.01 - 360 * (left >= 180), south + 0.01
            )
            for left in lefts
        ]
        codes = [f"{county}{100 * (at + 1):06d}" for at in range(TRACTS - 1)] + [f"{county}990000"]
        land = [1e6] * (TRACTS - 1) + [0]
        return gpd.GeoDataFrame(
            {"ALAND": land, "AWATER": [0] * (TRACTS - 1) + [10**6]},
            geometry=boxes,
            index=pd.Index(codes, name="geoid"),
            crs="EPSG:4326",
        )


@pytest.fixture(scope="module")
def transport() -> Transport:
    with Sandbox(Skeleton()) as sandbox:
        yield Transport(
            Settings(api_url=sandbox.url, files_url=sandbox.url, retries=0, _env_file=None),
            SecretStr(sandbox.key),
        )


@pytest.fixture(scope="module")
def season_model() -> SeasonModel:
    return load_season_model()


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_pulled_joined_listed_and_mapped(
    state: str, transport: Transport, season_model: SeasonModel, tmp_path: Path
) -> None:
    area = Area(state=state, county=COUNTIES.get(state, "001"))
    campaign = Campaign(
        name=f"State {state}",
        census_year=2020,
        areas=(area,),
        goal_percent=70,
        deadline=dt.date(2020, 10, 15),
        budget_usd=1000,
    )
    dataset, now = discover_datasets()["responserate"], dt.datetime(2020, 5, 1, tzinfo=dt.UTC)
    rates = fetch_rates(2020, area, transport)
    pulled = describe_pull(rates, dataset, 2020, "skeleton", now)
    boundaries, _ = fetch_boundaries(transport, 2020, state, tmp_path)
    ground = Pulled(boundaries, 2020, pulled.source)
    gathered = Gathered((pulled,), (), (), (ground,), (), None, None, ())

    joined = join_gathered(campaign, gathered)
    assert (len(joined.report.matched), len(joined.tracts)) == (TRACTS - 1, TRACTS)
    assert joined.tracts["status"].value_counts().to_dict() == {"rated": TRACTS - 1, "water": 1}
    lists = list_state(as_table(rates, ResponseRates), season_model, list_share=0.2)
    assert (lists.state, int(lists.counties["tracts_count"].sum())) == (state, TRACTS - 1)
    scores = score_tracts(joined.tracts, ("en",), read_list_rules(campaign))
    assert len(scores) == TRACTS - 1
    page = build_map(make_map_view(joined.tracts, scores, None, campaign, rates, None, None))
    assert all(geoid in page for geoid in rates.index)
