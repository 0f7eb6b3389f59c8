from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from flows.steps.buying.trial.ties import describe_contact, tie_units
from geo.footprint import draw_footprints
from models.trial.plan import read_plan, rebuild_design
from outreach.errors import ModelError
from tests.flows.steps.buying.planner import (
    SIDE,
    Plan,
    Planner,
)


def touching(plan: Plan, tracts: gpd.GeoDataFrame) -> set[frozenset[str]]:
    """Pairs of arms of neighbouring tracts, found apart from the code under test."""
    arms = plan.targets.set_index("place")["arm"]
    row, column = np.divmod(tracts.index.get_indexer(arms.index), SIDE)
    near = (np.abs(row[:, None] - row) <= 1) & (np.abs(column[:, None] - column) <= 1)
    return {frozenset((arms.iloc[one], arms.iloc[other])) for one, other in np.argwhere(near)}


def test_no_advertised_tract_touches_one_that_is_held_out(plan: Planner) -> None:
    made = plan(holdout={"percent": 20})
    arms = made.targets["arm"].value_counts()
    assert frozenset(("treat", "holdout")) not in touching(made, plan.tracts)
    assert made.targets.loc[made.targets["arm"] == "buffer", "budget_usd"].eq(0).all()
    assert any(
        f"{arms['treat']} get ads and {arms['holdout']} are held out. Buffers without ads, because"
        f" they touch tracts that are held out: {arms['buffer']}." in note
        for note in made.notes
    )
    assert made.trial is not None
    assert made.trial.buffer_side == "treat"
    assert rebuild_design(made.trial).buffered
    assert [arm for _, arm, _ in made.trial.arms].count("buffer") == arms["buffer"]
    bare = plan(holdout={"percent": 20, "buffer": "none"})
    assert set(bare.targets["arm"]) == {"treat", "holdout"}
    assert frozenset(("treat", "holdout")) in touching(bare, plan.tracts)


def touch_other_arm(made: Plan, plan: Planner) -> int:
    """Count held-out ZIPs whose true outline touches one with ads."""
    true = gpd.read_file(plan.files["zip"]).set_index("zip").geometry
    arms = made.targets.set_index("place")["arm"]
    lit = true.loc[arms.index[arms == "treat"]].union_all()
    return int(true.loc[arms.index[arms == "holdout"]].intersects(lit).sum())


@pytest.mark.parametrize("source", ["outlines", "crosswalk"])
def test_no_zip_with_ads_touches_one_that_is_held_out(
    plan: Planner, town_tracts: gpd.GeoDataFrame, tmp_path: Path, source: str
) -> None:
    """ZIPs that all touch others get buffers from their outlines, or from their tracts."""
    file = plan.files["zip"]
    if source == "crosswalk":
        row, column = np.divmod(np.arange(len(town_tracts)), SIDE)
        pd.DataFrame(
            {
                "TRACT": town_tracts.index,
                "ZIP": (60600 + 10 * (row // 2) + column // 2).astype(str),
                "RES_RATIO": 1.0,
            }
        ).to_csv(tmp_path / "hud.csv", index=False)
        file = str(tmp_path / "hud.csv")
    units = {"kind": "zips", "zips": file, "coverage_percent": 100}
    bare = plan(units=units, max_targets=144, holdout={"percent": 25, "buffer": "none"})
    assert touch_other_arm(bare, plan) >= 4
    made = plan(units=units, max_targets=144, holdout={"percent": 25})
    arms = made.targets["arm"].value_counts()
    assert arms["buffer"] > 0
    assert touch_other_arm(made, plan) == 0
    bound = [note for note in made.notes if "bound from above" in note]
    assert len(bound) == (source == "crosswalk")
    if bound:
        assert bound[0].startswith("21 ZIPs have no outline here, so contact is taken from the")


def test_where_contact_is_not_known_what_spill_does_to_the_effect_is_said(plan: Planner) -> None:
    units = pd.DataFrame(
        {"kind": "zip", "place": ["60600", "60601"]}, index=["zip-60600", "zip-60601"]
    )
    campaign = plan.ask(units={"kind": "zips", "zips": plan.files["zip"]}, holdout={"percent": 25})
    unknown = draw_footprints(units, plan.tracts)
    assert unknown.empty
    sentence = describe_contact(units, unknown, campaign)
    assert sentence.startswith("Whether 2 of 2 ZIPs touch others is not known")
    assert "0.90 times the effect at 10%, 0.80 times the effect at 20%, 0.59 times" in sentence
    quiet = plan.ask(holdout={"percent": 25, "buffer": "none"})
    assert describe_contact(units, unknown, quiet) == ""


def test_a_test_of_saturation_draws_areas_then_units_and_states_both_powers(plan: Planner) -> None:
    made = plan(holdout={"percent": 20, "design": "saturation"}, max_targets=144)
    assert made.trial is not None
    assert made.trial.obstacle == ""
    assert made.trial.levels is not None
    assert rebuild_design(read_plan(made.trial.canonical_json())).levels is not None
    assert set(made.targets["arm"]) == {"treat", "holdout"}
    blocks = pd.Series({unit: block for unit, _, block in made.trial.arms})
    parts = (made.targets["arm"] == "treat").groupby(blocks).mean()
    assert parts.between(0.1, 0.34).sum() == pytest.approx(len(parts) / 2, abs=1)
    assert parts.between(0.66, 0.9).sum() == pytest.approx(len(parts) / 2, abs=1)
    assert any(
        "High areas show ads in 80% of their tracts, low ones in 20%" in note for note in made.notes
    )
    spill = made.trial.spill_mde_share
    assert spill is not None
    assert spill > (made.trial.mde_share or 1)
    power = next(note for note in made.notes if "minimum detectable effect" in note)
    assert f"it can detect between areas is {100 * spill:.2f} points" in power
    assert "saturation" in made.trial.method


def test_areas_need_the_ground_of_every_unit(plan: Planner) -> None:
    units = pd.DataFrame({"kind": "zip", "place": ["60600"]}, index=["zip-60600"])
    campaign = plan.ask(holdout={"percent": 20, "design": "saturation"})
    with pytest.raises(ModelError, match="1 units, such as zip-60600, have no ground here"):
        tie_units(units, draw_footprints(units, plan.tracts), campaign)


def test_circles_that_overlap_are_never_in_different_arms(plan: Planner) -> None:
    units = {"kind": "pins", "coverage_percent": 80, "zips": plan.files["zip"]}
    made = plan(units=units, holdout={"percent": 25}, platforms=["google"])
    pins = made.targets
    assert pins["kind"].eq("pin").all()
    km = 111.195
    x = pins["longitude"].to_numpy() * km * np.cos(np.radians(41.77))
    y = pins["latitude"].to_numpy() * km
    away = np.hypot(x[:, None] - x, y[:, None] - y)
    radius = pins["radius_km"].to_numpy()
    overlap = away < 0.99 * (radius[:, None] + radius)
    arm = pins["arm"].to_numpy()
    assert not (overlap & (arm[:, None] == "treat") & (arm == "holdout")).any()
    assert (arm == "treat").any()
    assert (arm == "holdout").any()
