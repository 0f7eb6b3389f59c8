"""Units have their shapes and know their tracts."""

import dataclasses

import pandas as pd
import pytest

from maps.run.inputs import MapView
from maps.run.page import describe_view
from maps.run.units import describe_units, gather_units
from tests.maps.conftest import choose_units


def test_a_tract_has_the_arm_of_the_unit_that_holds_most_of_it(town: MapView) -> None:
    units = gather_units(choose_units(town), town.tracts)
    assert units is not None
    corner = ["99001000100", "99001000200", "99001000700", "99001000800"]
    assert (units.arms[corner] == "treat").all()
    assert units.arms["99001000600"] == "holdout"
    assert pd.isna(units.arms["99001001600"])
    steps = describe_view(dataclasses.replace(town, targets=choose_units(town)))["columns"][
        "next_step"
    ]
    step = steps["levels"][steps["values"][town.tracts.index.get_loc("99001000600")]]
    assert step == "holdout"


def test_a_circle_has_its_radius_on_the_ground(town: MapView) -> None:
    units = gather_units(choose_units(town), town.tracts)
    assert units is not None
    circle = units.shapes.iloc[[2]].to_crs(units.shapes.estimate_utm_crs()).iloc[0]
    assert circle.area == pytest.approx(3.1416 * 1600**2, rel=0.01)


def test_a_unit_without_an_outline_is_still_listed(town: MapView) -> None:
    units = gather_units(choose_units(town).drop(columns="wkt").head(2), town.tracts)
    assert units is not None
    description = describe_units(units)
    assert description["names"] == ["60601", "60602"]
    assert description["topology"] is None
    assert units.arms.isna().all()


def test_tracts_alone_are_not_units(town: MapView) -> None:
    assert gather_units(town.targets, town.tracts) is None
    assert gather_units(None, town.tracts) is None
