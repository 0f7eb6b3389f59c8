"""Outline every kind of district, and stop at one that cannot be read."""

import datetime as dt
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pydantic import SecretStr

from flows.steps.buying.floors import group_tracts
from flows.steps.notes import Notes
from flows.steps.sources.districts import DividedKinds, gather_outlines, name_folder
from outreach.campaign import Area, Campaign, Districts
from outreach.errors import DataError, GeographyError
from outreach.settings import read_settings
from outreach.transport import Transport


def test_every_kind_is_outlined_and_one_that_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    shapes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    gpd.GeoDataFrame({"ward": [7, 12]}, geometry=shapes, crs="EPSG:4326").to_file(
        tmp_path / "wards.geojson"
    )
    campaign = make_campaign(
        (
            Districts(name="Ward", file=str(tmp_path / "wards.geojson"), id_column="ward"),
            Districts(name="Parish", file=str(tmp_path / "gone.geojson"), id_column="id"),
        )
    )
    settings, notes = read_settings(), Notes()
    transport = Transport(settings, SecretStr(""))
    divided = DividedKinds(make_tracts(), 2020, transport, settings)
    shown = gather_outlines(campaign.districts[:1], divided, notes)
    assert shown is not None
    assert sorted(zip(shown.outlines["kind"], shown.outlines["name"], strict=True)) == [
        ("Ward", "Ward 12"),
        ("Ward", "Ward 7"),
    ]
    assert notes.sentences == ()
    with pytest.raises((GeographyError, DataError), match=r"gone\.geojson"):
        gather_outlines(campaign.districts, divided, notes)

    # The map divides tracts as the reports do: by the campaign's crosswalk.
    table = "source,target,weight\n99001000100,7,0.25\n99001000100,12,0.75\n99001000200,12,1\n"
    (tmp_path / "ward.csv").write_text(table)
    own = campaign.districts[0].model_copy(update={"crosswalk": str(tmp_path / "ward.csv")})
    counted = gather_outlines((own,), divided, notes)
    assert counted is not None
    parts = counted.parts.set_index(["name", "geoid"])["weight"]
    assert parts["Ward 7", "99001000100"] == 0.25
    assert parts["Ward 12", "99001000100"] == 0.75
    assert set(counted.parts["unit"]) == {"households"}

    # A crosswalk that does not fit is named, and land area divides the tracts.
    (tmp_path / "ward.csv").write_text(table.replace("12", "99"))
    divided = DividedKinds(make_tracts(), 2020, transport, settings)
    by_land = gather_outlines((own,), divided, notes)
    assert by_land is not None
    assert "by land area" in notes.sentences[-1]
    assert by_land.parts["weight"].between(0.4, 1).all()
    assert set(by_land.parts["unit"]) == {"land_area"}


def test_a_floor_counts_a_tract_toward_the_district_that_the_map_counts_it_toward(
    tmp_path: Path,
) -> None:
    # Most of the first tract's land lies in ward 7, and most of its homes in ward 12.
    shapes = [shapely.box(0, 0, 1.25, 1), shapely.box(1.25, 0, 2, 1)]
    gpd.GeoDataFrame({"ward": ["7", "12"]}, geometry=shapes, crs="EPSG:4326").to_file(
        tmp_path / "wards.geojson"
    )
    table = "source,target,weight\n99001000100,7,0.25\n99001000100,12,0.75\n99001000200,12,1\n"
    (tmp_path / "ward.csv").write_text(table)
    ward = {"name": "Ward", "file": str(tmp_path / "wards.geojson"), "id_column": "ward"}
    groups, main = {}, {}
    for name, crosswalk in (("land", None), ("homes", str(tmp_path / "ward.csv"))):
        campaign = make_campaign(
            (Districts(**ward, crosswalk=crosswalk),),
            budget_usd=1_000,
            floors=({"district": "12", "usd": 10},),
        )
        tracts, settings = make_tracts(), read_settings()
        divided = DividedKinds(tracts, 2020, Transport(settings, SecretStr("")), settings)
        found = group_tracts(tracts, campaign, divided)
        shown = gather_outlines(campaign.districts, divided, Notes())
        assert found is not None
        assert shown is not None
        assert shown.divisions is not None
        groups[name] = found.to_dict()
        most = shown.divisions.sort_values("weight").drop_duplicates("source", keep="last")
        main[name] = most.set_index("source")["target"].to_dict()
    assert groups == main
    assert groups["land"] == {"99001000100": "7", "99001000200": "12"}
    assert groups["homes"] == {"99001000100": "12", "99001000200": "12"}


def make_campaign(districts: tuple[Districts, ...], **changes: Any) -> Campaign:
    """Make a campaign with districts."""
    return Campaign.model_validate(
        {
            "name": "Town",
            "census_year": 2020,
            "areas": (Area(state="99"),),
            "goal_percent": 75,
            "deadline": dt.date(2020, 7, 31),
            "budget_usd": 0,
            "districts": districts,
        }
        | changes
    )


def make_tracts() -> gpd.GeoDataFrame:
    """Make two tracts, the first across the border of two wards."""
    return gpd.GeoDataFrame(
        {"households_count": [100.0, 100.0], "land_km2": [1.0, 1.0]},
        index=pd.Index(["99001000100", "99001000200"], name="geoid"),
        geometry=[shapely.box(0.5, 0, 1.5, 1), shapely.box(1.5, 0, 2, 1)],
        crs="EPSG:4326",
    )


def test_a_kind_of_district_has_a_folder_that_any_system_takes() -> None:
    assert name_folder("Community area") == "community-area"
    assert name_folder("../..") == "districts"
