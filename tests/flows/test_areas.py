"""A campaign for each kind of area: overlapping, named beside a place, and of rates alone."""

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.boundaries import read_boundaries
from geo.boundary_layers import LAYERS
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.sandbox.world import ServedDataset
from outreach.transport import FILES_URL

CAMPAIGN = """
name = "Areas"
census_year = 2020
goal_percent = 70.0
deadline = 2020-10-15
budget_usd = 60000
cpm_usd = 14.75
platforms = ["csv"]
"""
_RATES = (2020, "dec/responserate")
COUNTY = '[[areas]]\nstate = "99"\ncounty = "001"\n'
PLACE = '[[areas]]\nstate = "99"\nplace = "30000"\n'


class RatesOnly:
    """A world in which no source knows the county's tracts but the rates of 2020."""

    def __init__(self, county: InventedCounty) -> None:
        self.file, self.describe = county.file, county.describe
        self._county = county

    def dataset(self, vintage: int, path: str) -> ServedDataset | None:
        """Return the rates of 2020, and nothing else."""
        return self._county.dataset(vintage, path) if (vintage, path) == _RATES else None


@pytest.fixture(scope="module")
def county() -> InventedCounty:
    return InventedCounty()


def run(inside: Any, sandbox: Sandbox, text: str) -> tuple[dict[str, Any], Path]:
    (inside.folder / "campaign.toml").write_text(CAMPAIGN + text)
    address = {
        "OUTREACH_API_URL": sandbox.url,
        "OUTREACH_FILES_URL": sandbox.url,
        "OUTREACH_CENSUS_API_KEY": sandbox.key,
    }
    done = inside("run", "campaign.toml", **address)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = inside.home / "runs" / "latest"
    return json.loads((folder / "manifest.json").read_text()), folder


def test_a_county_its_city_and_one_of_its_tracts_cost_the_requests_of_the_county(
    inside: Any, county: InventedCounty
) -> None:
    with Sandbox(county) as sandbox:
        manifest, folder = run(inside, sandbox, COUNTY)
        tract = pd.read_parquet(folder / "tables" / "scores.parquet").index[0]
        asked = [path for path, _ in sandbox.log if path.startswith("/data/")]
        sandbox.log.clear()
        named = f'[[areas]]\nstate = "99"\ntracts = ["{tract}"]\n'
        overlapping, _ = run(
            inside, sandbox, PLACE.replace("place", 'county = "001"\nplace') + COUNTY + named
        )
        again = [path for path, _ in sandbox.log if path.startswith("/data/")]
    assert overlapping["counts"]["tracts"] == manifest["counts"]["tracts"]
    assert overlapping["figures"] == manifest["figures"]
    # The predictors are in the cache, and the rates are requested once.
    assert len(again) == 1
    assert len(asked) > len(again)


def test_a_tract_outside_the_named_city_is_a_note_of_the_run(
    inside: Any, county: InventedCounty
) -> None:
    blocks = county.ground.blocks
    homes = blocks[blocks["housing"] > 0]
    cities = homes.groupby("tract20")["place"].agg(lambda places: (places != "").mean())
    inner, outer = cities.index[cities == 1][0], cities.index[cities == 0][0]
    with Sandbox(county) as sandbox:
        text = f'{PLACE}tracts = ["{inner}", "{outer}"]\n'
        manifest, _ = run(inside, sandbox, text)
    assert manifest["counts"]["tracts"] == 1
    assert any(f"({outer}) lies outside place 30000" in note for note in manifest["notes"])


def test_rates_alone_give_a_map_a_list_by_rate_reports_and_a_publication(
    inside: Any, county: InventedCounty
) -> None:
    address = LAYERS["tract"].address(2020, "99", "cartographic").removeprefix(FILES_URL)
    path = inside.folder / "tracts.zip"
    path.write_bytes(county.file(address) or b"")
    outlines, _, _ = read_boundaries(path, "tract", "tracts")
    west, south, east, north = outlines.total_bounds
    middle = (west + east) / 2
    halves = gpd.GeoDataFrame(
        {"id": ["w", "e"], "name": ["West", "East"]},
        geometry=[shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)],
        crs=4326,
    )
    halves.to_file(inside.folder / "halves.geojson")
    text = (
        f"{COUNTY}"
        '[[districts]]\nname = "Half"\nfile = "halves.geojson"\nid_column = "id"\n'
        'name_column = "name"\n'
    )
    with Sandbox(RatesOnly(county)) as sandbox:
        manifest, folder = run(inside, sandbox, text)
    rated = manifest["counts"]["rated"]
    assert f"over {rated} rated tracts, each counted alike" in manifest["summary"]["Rate"]
    assert "if nothing changes, each tract counted alike" in manifest["summary"]["Forecast"]
    assert manifest["counts"]["targets"] == 0
    lists = pd.read_csv(folder / "lists.csv", dtype={"geoid": str})
    assert lists["lowest rates"].notna().sum() > rated / 10
    assert "<script" in (folder / "map.html").read_text()
    assert any("no source counts the households" in note for note in manifest["notes"])

    reported = inside("report", "latest")
    assert reported.returncode == 0, reported.stderr
    (index,) = re.findall(r"pages?: (.*index\.html)", reported.stdout)
    assert "each counted alike, because no source counts" in Path(index).read_text()
    published = inside("publish", "latest", "--into", "site")
    assert published.returncode == 0, published.stderr
    assert "each counted alike" in (inside.folder / "site" / "half" / "index.html").read_text()
