"""Tracts are divided by the homes in their blocks, and by land only where there are no blocks."""

import datetime as dt
import http.server
import threading
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pydantic import SecretStr

from flows.steps.sources.division import divide_tracts, prefer_homes
from outreach.campaign import AUTO, Districts, parse_campaign, resolve_files
from outreach.sandbox.shapefile import lay_out, zip_shapefile
from outreach.settings import read_settings
from outreach.transport import Transport

WARDS = Districts(name="Ward", file="wards.geojson", id_column="ward", crosswalk=AUTO)
#: The first tract lies half in each ward; nine of its ten homes are in the western block.
TRACTS = gpd.GeoDataFrame(
    {"households_count": [9.0, 5.0], "land_km2": [1.0, 1.0]},
    index=pd.Index(["99001000100", "99001000200"], name="geoid"),
    geometry=[shapely.box(0, 0, 2, 1), shapely.box(2, 0, 3, 1)],
    crs="EPSG:4326",
)
SHAPES = gpd.GeoDataFrame(
    {"name": ["Ward 1", "Ward 2"]},
    index=pd.Index(["1", "2"], name="district_id"),
    geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 3, 1)],
    crs="EPSG:4326",
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def write_blocks(root: Path) -> None:
    """Put a block file where the Bureau has it, one block of another county in it."""
    codes = ["990010001001000", "990010001001001", "990010002001000", "990030001001000"]
    blocks = gpd.GeoDataFrame(
        {"HOUSING": [9, 1, 5, 7], "POP": 20, "ALAND": 1000, "AWATER": 0, "NAME": "Block"},
        index=pd.Index(codes, name="geoid"),
        geometry=[shapely.box(x, 0, x + 1, 1) for x in (0, 1, 2, 5)],
        crs="EPSG:4326",
    )
    folder = root / "geo" / "tiger" / "TIGER2020" / "TABBLOCK20"
    folder.mkdir(parents=True)
    name = "tl_2020_99_tabblock20"
    (folder / f"{name}.zip").write_bytes(zip_shapefile(lay_out(blocks, "tl_tabblock20"), name))


def test_homes_in_blocks_divide_a_tract_and_land_does_so_where_there_are_none(
    tmp_path: Path,
) -> None:
    served = tmp_path / "served"
    served.mkdir()
    handler = partial(Quiet, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = read_settings(
            home=tmp_path / "home",
            files_url=f"http://127.0.0.1:{server.server_address[1]}",
            retries=0,
            backoff_seconds=0,
            timeout_seconds=120,
        )
        transport = Transport(settings, SecretStr(""))

        # Without a file of blocks, land divides the tracts, and a sentence says why.
        division = divide_tracts(TRACTS, SHAPES, WARDS, 2020, settings, transport)
        assert division.crosswalk is division.land
        assert division.others == {}
        (note,) = division.notes
        assert note.startswith("Land area, not households, divides the tracts among districts.")
        assert "tl_2020_99_tabblock20.zip" in note

        # Without a word in the campaign, homes divide the tracts once their file is here.
        unnamed = WARDS.model_copy(update={"crosswalk": None})
        assert prefer_homes(unnamed, TRACTS.index, settings) == unnamed
        write_blocks(served)
        division = divide_tracts(TRACTS, SHAPES, WARDS, 2020, settings, transport)
        # Connecticut's tracts of 2022 have codes that no block of 2020 has.
        moved = TRACTS.set_axis(["99190000100", "99190000200"])
        strange = divide_tracts(moved, SHAPES, WARDS, 2020, settings, transport)
        server.shutdown()
        assert prefer_homes(unnamed, TRACTS.index, settings) == WARDS
        assert prefer_homes(unnamed, moved.index.str.replace("99", "98"), settings) == unnamed
    assert strange.crosswalk is strange.land
    assert "has none of these counties" in strange.notes[0]
    weights = division.crosswalk.set_index(["source", "target"])["weight"]
    assert weights.to_dict() == pytest.approx(
        {
            ("99001000100", "1"): 0.9,
            ("99001000100", "2"): 0.1,
            ("99001000200", "2"): 1.0,
        }
    )
    assert set(division.crosswalk["unit"]) == {"housing_units"}
    assert set(division.crosswalk["method"]) == {"blocks"}
    assert division.notes == ()
    # The land beside it shows the error of the division.
    land = division.others["land"].set_index(["source", "target"])["weight"]
    assert land["99001000100", "1"] == pytest.approx(0.5, abs=0.001)


def test_auto_is_no_file_of_the_user() -> None:
    request = {
        "name": "Town",
        "census_year": 2020,
        "goal_percent": 75,
        "deadline": dt.date(2020, 7, 31),
        "budget_usd": 0,
        "areas": [{"state": "99"}],
        "districts": [WARDS.model_dump()],
    }
    campaign = parse_campaign(request, "campaign.toml")
    kept = resolve_files(campaign, lambda file: f"/copies/{file}")
    assert (kept.districts[0].file, kept.districts[0].crosswalk) == ("/copies/wards.geojson", AUTO)
