"""Cover by coverage or by budget, and compare all kinds of units."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pydantic import SecretStr
from shapely import box

from flows.steps.buying.cover import CoverChoice, cover_targets
from flows.steps.notes import Notes
from geo.cover.covering import count_households
from outreach.campaign import parse_campaign
from outreach.errors import CampaignError, GeographyError
from outreach.settings import read_settings
from outreach.transport import Transport

ASKED = {
    "name": "Town",
    "census_year": 2020,
    "areas": [{"state": "99", "county": "001"}],
    "goal_percent": 70,
    "deadline": dt.date(2020, 10, 15),
    "budget_usd": 4_000,
    "cpm_usd": 20,
    "impressions_per_household": 25,
}


SIDE, STEP = 8, 0.012


@pytest.fixture(scope="module")
def town() -> gpd.GeoDataFrame:
    """Sixty-four square tracts."""
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    west, south = -87.8 + STEP * column, 41.7 + STEP * row
    return gpd.GeoDataFrame(
        {
            "households_count": np.random.default_rng(7).integers(100, 400, SIDE**2).astype(float),
            "land_km2": 1.3,
        },
        index=pd.Index([f"99001{number:06d}" for number in range(SIDE**2)], name="geoid"),
        geometry=box(west, south, west + STEP, south + STEP),
        crs="EPSG:4326",
    )


@pytest.fixture(scope="module")
def zips(town: gpd.GeoDataFrame, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Sixteen ZIPs of two by two tracts each."""
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    codes = [
        str(60600 + 10 * north + east) for north, east in zip(row // 2, column // 2, strict=True)
    ]
    path = tmp_path_factory.mktemp("files") / "zips.geojson"
    town[["geometry"]].assign(zip=codes).dissolve(by="zip").reset_index().to_file(
        path, driver="GeoJSON"
    )
    return str(path)


@dataclass(frozen=True)
class Cover(CoverChoice):
    """A covering with the notes that were collected on the way."""

    notes: tuple[str, ...] = ()


def cover(town: gpd.GeoDataFrame, **changes: Any) -> Cover:
    """Cover every third tract and the first ten."""
    asked = ASKED | changes
    settings = read_settings()
    wanted = [geoid for number, geoid in enumerate(town.index) if number < 10 or number % 3 == 0]
    households = count_households(town, pd.Series(data=True, index=wanted))
    with Transport(settings, SecretStr("")) as transport:
        notes = Notes()
        choice = cover_targets(
            town, households, parse_campaign(asked, "test"), 0.575, settings, transport, notes
        )
    return Cover(**vars(choice), notes=notes.sentences)


def test_a_budget_buys_the_zips_that_reach_most_and_is_kept(
    town: gpd.GeoDataFrame, zips: str
) -> None:
    units = {"kind": "zips", "choose_by": "budget", "zips": zips}
    poor, rich = (cover(town, units=units, budget_usd=usd) for usd in (1_500, 4_000))
    for made, usd in ((poor, 1_500), (rich, 4_000)):
        assert made.covering.kind == "zip"
        assert 0 < made.covering.households_count * 0.5 <= usd * (1 + 1e-6)
        assert made.share == pytest.approx(made.covering.coverage_share)
        assert any(
            note.startswith(f"${usd:,.0f} buys {len(made.covering.places)} of the ZIPs")
            for note in made.notes
        )
    assert poor.share < rich.share
    # The same coverage is not cheaper when requested.
    requested = cover(
        town, units={**units, "choose_by": "coverage", "coverage_percent": 100 * poor.share}
    )
    assert requested.covering.households_count == pytest.approx(
        poor.covering.households_count, rel=1e-3
    )


def test_a_budget_that_buys_no_zip_and_a_budget_of_pins_are_refused(
    town: gpd.GeoDataFrame, zips: str
) -> None:
    units = {"kind": "zips", "choose_by": "budget", "zips": zips}
    with pytest.raises(
        GeographyError, match=r"\$1 buys no ZIP with target households at \$0\.57 per household"
    ):
        cover(town, units=units, budget_usd=1)
    with pytest.raises(CampaignError, match='choose_by = "budget" works only with kind = "zips"'):
        cover(town, units={**units, "kind": "pins"})


def test_the_kinds_stand_side_by_side_with_what_they_were_counted_by(
    town: gpd.GeoDataFrame, zips: str
) -> None:
    made = cover(town, units={"kind": "zips", "zips": zips}, platforms=["meta"])
    table = made.comparison
    assert set(table.index) == {"ZIPs", "Meta pins", "polygons"}
    assert table["counted_by"].to_dict() == {
        "ZIPs": "overlay (zip)",
        "Meta pins": "grid",
        "polygons": "whole tracts",
    }
    assert table["why"].iloc[0].startswith("wins:")
    assert made.notes[0].startswith("Tracts are split over ZIPs by ")


def test_a_kind_that_is_not_wanted_and_cannot_reach_the_coverage_is_left_out_and_named(
    town: gpd.GeoDataFrame, zips: str
) -> None:
    torn = town.copy()
    torn.loc[torn.index[0], "geometry"] = None
    made = cover(torn, units={"kind": "zips", "zips": zips, "coverage_percent": 100})
    assert set(made.comparison["kind"]) == {"zip", "polygon"}
    assert any(note.startswith("No pins to compare with: Pins reach") for note in made.notes)
    with pytest.raises(GeographyError, match="Pins reach"):
        cover(torn, units={"kind": "pins", "zips": zips, "coverage_percent": 100})
