"""Outline every kind of district, and stop at one that cannot be read."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pydantic import SecretStr

from flows.steps.notes import Notes
from flows.steps.sources.districts import gather_outlines, name_folder
from outreach.campaign import Area, Campaign, Districts
from outreach.errors import DataError, GeographyError
from outreach.settings import read_settings
from outreach.transport import Transport


def test_every_kind_is_outlined_and_one_that_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    shapes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    gpd.GeoDataFrame({"ward": [7, 12]}, geometry=shapes, crs="EPSG:4326").to_file(
        tmp_path / "wards.geojson"
    )
    campaign = Campaign(
        name="Town",
        census_year=2020,
        areas=(Area(state="99"),),
        goal_percent=75,
        deadline=dt.date(2020, 7, 31),
        budget_usd=0,
        districts=(
            Districts(name="Ward", file=str(tmp_path / "wards.geojson"), id_column="ward"),
            Districts(name="Parish", file=str(tmp_path / "gone.geojson"), id_column="id"),
        ),
    )
    settings, notes = read_settings(), Notes()
    transport = Transport(settings, SecretStr(""))
    outlines = gather_outlines(campaign.districts[:1], transport, settings, notes)
    assert outlines is not None
    assert sorted(zip(outlines["kind"], outlines["name"], strict=True)) == [
        ("Ward", "Ward 12"),
        ("Ward", "Ward 7"),
    ]
    assert notes.sentences == ()
    with pytest.raises((GeographyError, DataError), match=r"gone\.geojson"):
        gather_outlines(campaign.districts, transport, settings, notes)


def test_a_kind_of_district_has_a_folder_that_any_system_takes() -> None:
    assert name_folder("Community area") == "community-area"
    assert name_folder("../..") == "districts"
