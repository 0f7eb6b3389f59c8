"""The popup says who lives in a tract, and what to do stands directly under the rate."""

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maps.run.inputs import MapView
from maps.run.page import build_map
from outreach.tables import Scores, as_table

pytestmark = pytest.mark.browser


def test_the_popup_says_who_lives_here_with_margins(reader: Any, town: MapView) -> None:
    tracts = town.tracts.assign(
        renter_households_count=town.tracts["households_count"] * 0.25,
        renter_households_count_moe=town.tracts["households_count"] * 0.06,
        households_count_moe=0.0,
    )
    tracts.loc["99001001200", "renter_households_count"] *= 3
    page = reader.open(
        build_map(dataclasses.replace(town, tracts=tracts)), fragment="#tract=99001001200"
    )
    rows = page.locator(".people tbody tr").all_inner_texts()
    assert "Renters\t75% ±6\t25%" in rows
    assert "90% margin of error" in page.inner_text("#popup")


def test_a_district_s_card_averages_its_tracts_by_households(reader: Any, town: MapView) -> None:
    homes = town.tracts["households_count"]
    share = pd.Series([0.1] * 35 + [0.0], homes.index).where(homes.index != "99001003000", 0.9)
    tracts = town.tracts.assign(
        renter_households_count=homes * share,
        renter_households_count_moe=homes * 0.08,
        households_count_moe=0.0,
    )
    page = reader.open(
        build_map(dataclasses.replace(town, tracts=tracts)), fragment="#in.Ward=Ward 2"
    )
    inside = homes[town.tracts.bounds["minx"] > -89.975]
    average = np.average(share[inside.index], weights=inside)
    error = 0.08 * np.sqrt((inside**2).sum()) / inside.sum()
    rows = page.locator(".people tbody tr").all_inner_texts()
    assert f"Renters\t{average:.0%} ±{error * 100:.0f}\t10%" in rows
    assert "weighted by their households" in page.inner_text("#popup")


def test_a_source_without_margins_is_named_so(reader: Any, town: MapView) -> None:
    page = reader.open(build_map(town), fragment="#tract=99001001200")
    assert "gives no margins of error" in page.inner_text("#popup")
    assert "±" not in page.inner_text(".people")


def test_what_to_do_next_stands_directly_under_the_rate(reader: Any, town: MapView) -> None:
    page = reader.open(build_map(town), fragment="#tract=99001001200")
    assert page.evaluate("document.querySelector('.headline + .next') !== null")


def test_after_the_deadline_no_next_step_is_promised(reader: Any, town: MapView) -> None:
    late = dataclasses.replace(town, deadline=town.data_date - dt.timedelta(days=1))
    page = reader.open(build_map(late), fragment="#tract=99001001200")
    assert page.locator(".headline").count() == 1
    assert page.locator(".next").count() == 0


def test_without_a_priority_the_popup_gives_the_place_by_rate(reader: Any, town: MapView) -> None:
    names = [name for name in town.scores if name.startswith("priority")]
    scores = town.scores.assign(**dict.fromkeys(names, np.nan))
    bare = dataclasses.replace(town, scores=as_table(scores, Scores), targets=town.targets.head(0))
    page = reader.open(build_map(bare), fragment="#tract=99001001200")
    text = page.inner_text("#popup")
    assert "By its rate" in text
    assert "Priority" not in text
    assert "No source says how many homes ads would reach here" in text
