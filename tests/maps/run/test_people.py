"""Who lives in a tract is a share with its margin, and a typical figure beside it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from maps.run.columns import gather_columns
from maps.run.inputs import MapView
from maps.run.people import SHARES, describe_people, list_people


def test_a_share_has_the_margin_of_the_handbook(town: MapView) -> None:
    tracts = town.tracts.assign(
        renter_households_count=60.0,
        renter_households_count_moe=20.0,
        households_count=120.0,
        households_count_moe=12.0,
    )
    people = describe_people(tracts).iloc[0]
    assert people["renter_share"] == pytest.approx(0.5)
    assert people["renter_share_moe"] == pytest.approx(
        np.sqrt(20**2 - 0.25 * 12**2) / 120, abs=5e-4
    )


def test_the_margins_of_parts_add_up_as_a_root_of_squares(town: MapView) -> None:
    parts = SHARES["limited_english_share"].parts
    counts = dict.fromkeys(parts, 10.0) | {f"{part}_moe": 6.0 for part in parts}
    tracts = town.tracts.assign(**counts, households_count=200.0, households_count_moe=0.0)
    people = describe_people(tracts).iloc[0]
    assert people["limited_english_share"] == pytest.approx(0.2)
    assert people["limited_english_share_moe"] == pytest.approx(12 / 200)


def test_what_no_source_gives_is_left_out(town: MapView) -> None:
    people = describe_people(town.tracts)
    assert list(people) == ["limited_english_share"]
    empty = town.tracts["households_count"] == 0
    assert people["limited_english_share"].isna().eq(empty).all()


def test_the_typical_tract_is_the_median(town: MapView) -> None:
    renters = np.linspace(0, 100, len(town.tracts))
    tracts = town.tracts.assign(renter_households_count=renters, households_count=100.0)
    rows = gather_columns(dataclasses.replace(town, tracts=tracts))
    listed = {row["column"]: row for row in list_people(rows)}
    assert listed["renter_share"]["typical"] == pytest.approx(0.5)
    assert listed["renter_share"]["margin"] == ""


def test_a_part_that_exceeds_its_whole_is_all_of_it(town: MapView) -> None:
    tracts = town.tracts.assign(renter_households_count=130.0, households_count=100.0)
    assert (describe_people(tracts)["renter_share"] == 1).all()
    nobody = town.tracts.assign(renter_households_count=1.0, households_count=0.0)
    assert "renter_share" not in describe_people(nobody)
    assert isinstance(describe_people(nobody), pd.DataFrame)
