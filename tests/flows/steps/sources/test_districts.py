"""Outline every kind of district that can be read, and name those that cannot."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import shapely
from pydantic import SecretStr

from flows.steps.notes import Notes
from flows.steps.sources.districts import gather_outlines, name_folder
from outreach.campaign import Area, Campaign, Districts
from outreach.settings import read_settings
from outreach.transport import Transport


def test_a_kind_that_cannot_be_read_is_said_and_the_others_are_drawn(tmp_path: Path) -> None:
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
    settings = read_settings()
    notes = Notes()
    transport = Transport(settings, SecretStr(""))
    drawn = gather_outlines(campaign.districts, transport, settings, notes)
    said = notes.sentences
    assert drawn is not None
    assert sorted(zip(drawn["kind"], drawn["name"], strict=True)) == [
        ("Ward", "Ward 12"),
        ("Ward", "Ward 7"),
    ]
    assert len(said) == 1
    assert said[0].startswith("The map does not show 'Parish': ")
    assert "gone.geojson" in said[0]


def test_a_kind_of_district_has_a_folder_that_any_system_takes() -> None:
    assert name_folder("Community area") == "community-area"
    assert name_folder("../..") == "districts"
