import csv
import datetime as dt
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pydantic import SecretStr
from shapely import box

from flows.compare import compare_runs
from flows.steps.buying.list_rules import read_list_rules, read_price
from flows.steps.buying.plan import TargetPlan, plan_targets
from flows.steps.buying.previous_run import PreviousList, RunningTest, find_running_test
from flows.steps.buying.trial.kept_test import settle_campaign
from flows.steps.buying.trial.ties import describe_contact, tie_units
from flows.steps.measuring.approval import approve_run
from flows.steps.notes import Notes
from flows.steps.results.brief import make_brief
from flows.steps.results.outputs import write_plan
from flows.steps.results.summary import describe_trial
from flows.steps.sources.districts import DividedKinds
from geo.footprint import draw_footprints
from models.targeting.priority import score_tracts
from models.targeting.selection import price_flights
from models.trial.plan import read_plan, rebuild_design
from outreach.campaign import Campaign, parse_campaign
from outreach.errors import CampaignError, ModelError
from outreach.exporters.base.exporter import ExportContext
from outreach.exporters.check.preflight import export_targets
from outreach.settings import read_settings
from outreach.store import Run, Store
from outreach.tables import DataFrame, Scores
from outreach.transport import Transport
from tests.twins import list_untold

SIDE, STEP = 12, 0.012
DATE = pd.Timestamp("2020-05-28")


@pytest.fixture(scope="module")
def town_tracts() -> gpd.GeoDataFrame:
    """A square town of 144 tracts: rates rise to the east, Spanish is spoken in the south-west."""
    rng = np.random.default_rng(7)
    count = SIDE * SIDE
    row, column = np.divmod(np.arange(count), SIDE)
    households = rng.integers(600, 2400, count).astype(float)
    rate = np.clip(0.35 + 0.02 * column + rng.normal(0, 0.05, count), 0.1, 0.68)
    people = 2.5 * households
    spanish = np.where((row < 4) & (column < 4), 0.4, 0.01) * people
    none = {
        f"limited_english_{group}_count": 0.0
        for group in (
            "french_haitian",
            "slavic",
            "korean",
            "chinese",
            "vietnamese",
            "tagalog",
            "arabic",
        )
    }
    return gpd.GeoDataFrame(
        {
            "name": [str(each) for each in range(count)],
            "status": "rated",
            "land_km2": 1.4,
            "data_date": DATE,
            "cumulative_share": rate,
            "internet_share": 0.7 * rate,
            "households_count": households,
            "housing_units_count": households,
            "internet_households_count": 0.85 * households,
            "internet_households_count_moe": 0.06 * households,
            "unsubscribed_internet_households_count": 0.0,
            "internet_universe_count": households,
            "population_5plus_count": people,
            "limited_english_spanish_count": spanish,
            "limited_english_other_indo_european_count": 0.0,
            "limited_english_other_asian_count": 0.0,
            **none,
            "geometry": [
                box(
                    -87.8 + STEP * x, 41.7 + STEP * y, -87.8 + STEP * (x + 1), 41.7 + STEP * (y + 1)
                )
                for x, y in zip(column, row, strict=True)
            ],
        },
        index=pd.Index([f"99001{each:06d}" for each in range(count)], name="geoid"),
        crs=4326,
    )


@pytest.fixture(scope="module")
def town_season(town_tracts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Sixty days up to the data date, each tract at a pace of its own."""
    rng = np.random.default_rng(8)
    days = pd.date_range(end=DATE, periods=60)
    growth = np.abs(0.003 + rng.normal(0, 0.0008, (len(town_tracts), 60)))
    shares = (
        town_tracts["cumulative_share"].to_numpy()[:, None]
        - growth[:, ::-1].cumsum(axis=1)[:, ::-1]
        + growth[:, [-1]]
    )
    return pd.DataFrame(
        {
            "data_date": np.tile(days, len(town_tracts)),
            "cumulative_share": shares.clip(0, 1).ravel(),
        },
        index=pd.Index(np.repeat(town_tracts.index, 60), name="geoid"),
    )


@pytest.fixture(scope="module")
def town_files(
    town_tracts: gpd.GeoDataFrame, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """ZIPs of two by two tracts, and four wards."""
    folder: Path = tmp_path_factory.mktemp("files")
    row, column = np.divmod(np.arange(len(town_tracts)), SIDE)
    sets = {"zip": 60600 + 10 * (row // 2) + column // 2, "ward": 1 + 2 * (row // 6) + column // 6}
    for name, codes in sets.items():
        areas = gpd.GeoDataFrame(
            {name: [str(code) for code in codes]},
            geometry=town_tracts.geometry.to_numpy(),
            crs=4326,
        )
        areas.dissolve(by=name).reset_index().to_file(folder / f"{name}.geojson", driver="GeoJSON")
    return {name: str(folder / f"{name}.geojson") for name in sets}


def score_planned(tracts: gpd.GeoDataFrame, campaign: Campaign) -> DataFrame[Scores]:
    """Score tracts as the campaign flow does, without a forecast."""
    return score_tracts(tracts, campaign.creative_languages, read_list_rules(campaign))


@dataclass(frozen=True)
class Plan(TargetPlan):
    """A plan with the notes that were collected on the way."""

    notes: tuple[str, ...] = ()


class Planner:
    """Plans the town's campaign as requested."""

    def __init__(
        self, tracts: gpd.GeoDataFrame, season: pd.DataFrame, files: dict[str, str]
    ) -> None:
        self.tracts, self.season, self.files = tracts, season, files

    def ask(self, **changes: Any) -> Campaign:
        asked = {
            "name": "Town",
            "census_year": 2020,
            "areas": [{"state": "99", "county": "001"}],
            "goal_percent": 70,
            "deadline": dt.date(2020, 10, 15),
            "budget_usd": 20_000,
            "cpm_usd": 14.75,
            "impressions_per_household": 24,
            "spend_all": True,
            "assumptions": {"spread": True},  # so that ranks have ranges without a forecast
            "creative_languages": ["en", "es"],
            "flight": {"start": dt.date(2020, 6, 1), "end": dt.date(2020, 6, 28)},
        }
        return parse_campaign(asked | changes, "test")

    def __call__(
        self,
        previous: PreviousList | None = None,
        history: Any = ...,
        test: RunningTest | None = None,
        **changes: Any,
    ) -> Plan:
        settings, campaign = read_settings(), self.ask(**changes)
        scores = score_planned(self.tracts, campaign)
        past = self.season if history is ... else history
        notes = Notes()
        transport = Transport(settings, SecretStr(""))
        targets = plan_targets(
            self.tracts,
            scores,
            campaign,
            DividedKinds(self.tracts, 2020, transport, settings),
            notes,
            history=past,
            previous=previous,
            test=test,
        )
        assert list_untold(notes.sentences) == []
        return Plan(**vars(targets), notes=notes.sentences)


@pytest.fixture(scope="module")
def plan(
    town_tracts: gpd.GeoDataFrame, town_season: pd.DataFrame, town_files: dict[str, str]
) -> Planner:
    """Return the planner of the town."""
    return Planner(town_tracts, town_season, town_files)


def cents(money: Any) -> int:
    return round(100 * float(money))


def test_tracts_alone_are_bought_in_full_flights_if_all_is_spent(plan: Planner) -> None:
    made = plan()
    assert made.trial is None
    assert made.targets["arm"].eq("treat").all()
    assert 19_000 < made.targets["budget_usd"].sum() <= 20_000
    flights = made.targets["budget_usd"] - made.chosen["budget_usd"]
    assert flights.abs().max() < 0.02  # impressions were rounded to whole ones
    np.testing.assert_allclose(made.targets["ads_per_reached_household"], 24, rtol=1e-3)
    together = made.targets["media_usd"] + made.targets["fee_usd"]
    assert cents(together.sum()) == cents(made.targets["budget_usd"].sum())
    assert made.targets["media_usd"].sum() * 1.15 <= made.targets["budget_usd"].sum() + 1e-6
    assert made.targets["frequency_cap"].eq(24).all()


@pytest.fixture(scope="module")
def zips(plan: Planner) -> Plan:
    return plan(
        units={"kind": "zips", "zips": plan.files["zip"], "coverage_percent": 100},
        holdout={"percent": 25, "buffer": "none"},
    )


def test_zips_with_a_holdout_spend_the_budget_on_the_treated_alone(zips: Plan) -> None:
    targets = zips.targets
    arms = targets["arm"].value_counts()
    assert targets["kind"].eq("zip").all()
    assert targets["place"].str.fullmatch("[0-9]{5}").all()
    assert arms["holdout"] == pytest.approx(0.25 * len(targets), abs=1)
    assert set(arms.index) == {"treat", "holdout"}
    assert targets.loc[targets["arm"] == "holdout", "budget_usd"].eq(0).all()
    assert cents(targets["budget_usd"].sum()) == 2_000_000
    assert (targets["budget_usd"] * 100 % 1).round(6).isin([0, 1]).all()
    assert targets.loc[targets["arm"] == "holdout", "why"].str.endswith("Held out: no ads.").all()
    assert (
        targets.loc[targets["arm"] == "treat", "why"]
        .str.contains("Marginal value|Capped|first dollar")
        .all()
    )


def test_the_certificate_of_the_split_closes_and_is_written_down(zips: Plan) -> None:
    assert zips.budget is not None
    proof = zips.budget.allocation.certificate
    assert proof.gap_responses_count < 1e-6 * proof.bound_responses_count
    assert proof.marginal_error < 1e-9
    told = json.loads(json.dumps(zips.budget.describe()))
    assert told["planned_usd"] == 20_000
    assert told["unspent_usd"] == 0
    assert told["certificate"]["shadow_price_responses_per_usd"] > 0
    assert {"all", "meta"} == {line["channel"] for line in told["assumptions"]}


def test_the_plan_says_what_effect_it_could_see_and_whether_the_ads_win_as_much(zips: Plan) -> None:
    assert zips.power is not None
    assert zips.trial is not None
    assert set(zips.power["weeks"]) == {2, 4, 6, 8}
    assert 0.25 in set(zips.power["holdout_share"])
    own = zips.power[(zips.power["weeks"] == 4) & (zips.power["holdout_share"] == 0.25)].set_index(
        "window"
    )
    assert zips.trial.mde_share == own.loc[0, "flight_mde_share"]
    assert own.loc[0, "flight_mde_share"] == own.loc[0, "mde_share"] * own.loc[0, "spread_ratio"]
    arms = zips.targets["arm"].value_counts()
    said = next(note for note in zips.notes if "minimum detectable effect" in note)
    assert said.startswith(
        f"With {arms['treat']} + {arms['holdout']} ZIPs and 4 weeks, the minimum detectable effect"
    )
    assert f"is {100 * zips.trial.mde_share:.2f} points" in said
    low, high = (100 * own.loc[0, f"flight_mde_{end}_share"] for end in ("low", "high"))
    assert f"no past tells it exactly: {low:.2f} points to {high:.2f} points in 4 of 5" in said
    assert "too little for this test to detect" in said  # ads add tenths of a point


def test_a_flight_that_meets_a_field_operation_is_warned_of(zips: Plan) -> None:
    assert any("Update/Leave" in note for note in zips.notes)


def test_a_season_that_is_too_short_is_said_to_be(plan: Planner) -> None:
    short = plan.season[plan.season["data_date"] > DATE - pd.Timedelta(days=10)]
    asked = {"units": {"kind": "tracts"}, "holdout": {"percent": 20}}
    late = plan(history=short, **asked)
    assert late.power is None
    assert late.trial is not None
    assert late.trial.mde_share is None
    assert any("not known. The history covers 9 days" in note for note in late.notes)
    none = plan(history=None, **asked)
    assert any("These units have no rates history" in note for note in none.notes)
    middling = plan(
        history=plan.season[plan.season["data_date"] > DATE - pd.Timedelta(days=40)], **asked
    )
    assert middling.power is not None
    assert any(
        "covers 39 days, too few to compute the minimum detectable effect for flights of these"
        " weeks: 6, 8." in note
        for note in middling.notes
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


def test_polygons_are_planned_and_paid_for(plan: Planner) -> None:
    made = plan(units={"kind": "polygons", "zips": plan.files["zip"]})
    assert made.targets["kind"].eq("polygon").all()
    assert cents(made.targets["budget_usd"].sum()) <= 2_000_000
    assert made.comparison is not None


def test_a_language_gets_its_floor_to_the_cent(plan: Planner) -> None:
    often = [{"name": "meta", "cpm_usd": 14.75, "impressions_per_household": 100}]
    free = plan(floors=[{"language": "es", "usd": 1}], channels=often)
    spanish = free.floor_groups.index if free.floor_groups is not None else []
    assert len(spanish) == 16
    before = free.targets.loc[free.targets["place"].isin(spanish), "budget_usd"].sum()
    asked = plan(floors=[{"language": "es", "percent": 50}], channels=often)
    got = asked.targets.loc[asked.targets["place"].isin(spanish), "budget_usd"].sum()
    assert before < 9_000
    assert cents(got) == 1_000_000
    assert cents(asked.targets["budget_usd"].sum()) <= 2_000_000
    assert asked.targets["why"].str.contains("Raised to the floor of es").any()


def test_a_district_gets_its_floor_also_where_zips_are_bought(plan: Planner) -> None:
    wards = [{"name": "Ward", "file": plan.files["ward"], "id_column": "ward"}]
    units = {"kind": "zips", "zips": plan.files["zip"], "coverage_percent": 100}
    made = plan(districts=wards, floors=[{"district": "4", "usd": 8000}], units=units)
    row, column = np.divmod(made.targets["place"].astype(int) - 60600, 10)
    own = made.targets[(row >= 3) & (column >= 3)]
    assert cents(own["budget_usd"].sum()) == 800_000
    assert own["why"].str.contains("Raised to the floor of 4").any()


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        (
            {"floors": [{"language": "ko", "usd": 10}]},
            CampaignError,
            r"'ko' has a floor, but nothing here is spoken.* What there is: es\.",
        ),
        (
            {"floors": [{"district": "12", "usd": 10}]},
            CampaignError,
            r"'12' has a floor, but nothing here is a district of Ward .*What there is: 1, 2, 3",
        ),
        (
            {"floors": [{"language": "es", "percent": 95}], "units": {"maximum_spend_usd": 30}},
            ModelError,
            r"'es' can take at most .* less than its floor of \$19,000\.00",
        ),
    ],
)
def test_a_floor_that_cannot_be_met_is_one_sentence(
    plan: Planner, changes: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    if "district" in changes["floors"][0]:
        wards = {"name": "Ward", "file": plan.files["ward"], "id_column": "ward"}
        changes = changes | {"districts": [wards]}
    with pytest.raises(error, match=sentence):
        plan(**changes)


def test_each_channel_has_its_own_price_budget_and_cap(plan: Planner) -> None:
    channels = [
        {"name": "meta", "cpm_usd": 14.75},
        {"name": "google", "cpm_usd": 3.0, "reach_percent": 80, "impressions_per_household": 10},
        {"name": "tiktok", "cpm_usd": 8.0, "click_percent": 0.5, "reach_percent": 90},
    ]
    made = plan(channels=channels)
    assert made.budget is not None
    cells = made.budget.by_channel
    assert len(cells) == 3 * len(made.targets)
    assert cents(cells["budget_usd"].sum()) == cents(made.targets["budget_usd"].sum()) <= 2_000_000
    sums = cells.groupby("channel")["budget_usd"].sum()
    assert made.targets["budget_google_usd"].sum() == pytest.approx(sums["google"])
    assert made.targets["budget_meta_usd"].sum() == pytest.approx(sums["meta"])
    assert made.targets["media_tiktok_usd"].sum() <= sums["tiktok"] / 1.15
    google = cells[cells["channel"] == "google"]
    assert google["seen_per_household"].max() <= 10 * (1 + 1e-3)  # whole cents
    paid = google[google["impressions_count"] > 1000]
    assert (1000 * paid["budget_usd"] / paid["impressions_count"]).mean() == pytest.approx(
        3.0 * 1.15, rel=1e-3
    )
    floored = plan(channels=channels, floors=[{"channel": "tiktok", "percent": 60}])
    assert floored.budget is not None
    radio = floored.budget.by_channel.groupby("channel")["budget_usd"].sum()["tiktok"]
    assert radio >= 12_000 - 1e-6
    assert sums["tiktok"] < 12_000


def find_pair(planner: Planner, plain: Plan, scores: pd.DataFrame) -> tuple[str, str]:
    """Find a borderline tract below the cutoff that costs no more than the last one above it."""
    cut, costs = (
        plain.targets["rank"].max(),
        price_flights(planner.tracts, read_price(planner.ask()))["budget_usd"],
    )
    above = plain.targets.loc[plain.targets["rank"] == cut, "place"].iloc[0]
    near = scores[(scores["rank"] > cut) & (scores["rank_low"] <= cut)].index
    return str(near[costs[near] <= costs[above]][0]), str(above)


def test_a_borderline_tract_stays_and_its_line_and_the_notes_say_so(plan: Planner) -> None:
    plain = plan()
    below, above = find_pair(plan, plain, score_planned(plan.tracts, plan.ask()))
    old = frozenset({*plain.targets["place"], below} - {above})
    followed = plan(previous=PreviousList("run-1", dt.date(2020, 5, 21), "Ada", old))
    kept = followed.targets.set_index("place")
    assert below in kept.index
    assert above not in kept.index
    assert "Stays from the list of run-1" in kept.loc[below, "why"]
    assert followed.previous_run_id == "run-1"
    assert followed.borderline is not None
    assert followed.borderline["decision"].to_dict() == {below: "stays", above: "waits"}
    assert any(
        "approved by Ada" in note and "1 stay" in note and "1 wait" in note
        for note in followed.notes
    )
    assert kept["budget_usd"].sum() <= 20_000


def test_a_list_that_nothing_changed_stays_as_it_is_and_an_empty_one_is_no_fault(
    plan: Planner,
) -> None:
    plain = plan()
    again = plan(
        previous=PreviousList(
            "run-1", dt.date(2020, 5, 21), "Ada", frozenset(plain.targets["place"])
        )
    )
    # Only the cents that rounding leaves over go to the tracts in their order.
    pd.testing.assert_frame_equal(
        again.targets.sort_index(), plain.targets.sort_index(), atol=0.02, rtol=1e-3
    )
    assert again.borderline is not None
    assert again.borderline.empty
    assert again.notes[0].endswith("0 tracts joined and 0 left.")
    poor = plan(
        previous=PreviousList("run-1", dt.date(2020, 5, 21), "Ada", frozenset()), budget_usd=0
    )
    assert poor.targets.empty


def keep(store: Store, planner: Planner, made: Plan, **changes: Any) -> str:
    """Keep a plan as the campaign flow does."""
    campaign = planner.ask(**changes)
    with store.begin(campaign.slug) as run:
        run.write_table("tracts", planner.tracts)
        run.write_table("scores", score_planned(planner.tracts, campaign))
        write_plan(run, made)
        run.write_table("targets", made.targets)
        manifest = Run(
            id=run.id,
            created_at=dt.datetime.now(dt.UTC),
            campaign=campaign,
            data_date=DATE.date(),
            inputs=(),
            counts={},
            figures={"previous_list": made.previous_run_id} if made.previous_run_id else {},
            join_report={},
            timings_seconds={},
        )
        return run.finish(manifest).id


def test_the_comparison_of_runs_names_the_list_before_where_it_decided(
    plan: Planner, tmp_path: Path
) -> None:
    store, plain = Store(tmp_path), plan()
    scores = score_planned(plan.tracts, plan.ask())
    below, above = find_pair(plan, plain, scores)
    old = frozenset({*plain.targets["place"], below} - {above})
    followed = plan(previous=PreviousList("run-1", dt.date(2020, 5, 21), "Ada", old))
    first, later = (keep(store, plan, made) for made in (plain, followed))
    off = keep(store, plan, plain, keep_borderline=False)

    moved = compare_runs(store, first, later).table
    changed = moved[moved["change"].isin(["in", "out"])]
    assert changed[["change", "why"]].to_dict("index") == {
        below: {"change": "in", "why": "borderline"},
        above: {"change": "out", "why": "borderline"},
    }
    same = compare_runs(store, later, later)
    assert same.table.loc[same.table["why"] == "borderline"].index.tolist() == [below]
    assert "1 stay though now ranked below the cutoff (borderline)." in same.lines()
    back = compare_runs(store, later, off).table
    assert set(back.loc[back["change"].isin(["in", "out"]), "why"]) == {"weight"}


def test_the_plan_is_dated_and_hashed_and_every_export_joins_back_to_it(
    plan: Planner, zips: Plan, tmp_path: Path
) -> None:
    assert zips.trial is not None
    store = Store(tmp_path)
    name = keep(store, plan, zips)
    written = store.find(name)[1] / "plan.json"
    assert hashlib.sha256(written.read_bytes().rstrip(b"\n")).hexdigest() == zips.trial.digest
    assert json.loads(written.read_text())["made_at"][:4] >= "2026"
    assert not rebuild_design(read_plan(written.read_text())).buffered
    assert set(store.read_table(name, "members")["unit_id"]) == set(zips.targets.index)
    assert {"power.csv", "by_channel.csv", "budget.json"} <= {
        path.name for path in written.parent.iterdir()
    }
    context = ExportContext(brief=make_brief(plan.ask()), run_id=name, version=zips.trial.digest)
    sheet = export_targets("google", zips.targets, context).files[0].content.decode("utf-8-sig")
    assert f"Town | treat | {zips.trial.digest[:19]} | en," in sheet
    assert "DRAFT" in sheet  # among the labels, for a name stays when the list is approved
    assert not any(
        code in sheet for code in zips.targets.loc[zips.targets["arm"] == "holdout", "place"]
    )


def test_a_platform_called_like_a_channel_gets_the_money_of_that_channel(
    plan: Planner, zips: Plan
) -> None:
    targets = zips.targets.assign(media_google_usd=zips.targets["media_usd"] / 4)
    context = ExportContext(brief=make_brief(plan.ask()), run_id="run-1")
    sheets = {
        platform: export_targets(platform, targets, context).files[0].content.decode("utf-8-sig")
        for platform in ("google", "csv")
    }
    daily = next(csv.DictReader(io.StringIO(sheets["google"])))["Budget"]
    assert float(daily) == pytest.approx(20_000 / 1.15 / 4 / 28, abs=0.01)
    money = sum(float(row["budget_usd"]) for row in csv.DictReader(io.StringIO(sheets["csv"])))
    assert cents(money) == 2_000_000


def test_an_approved_test_keeps_its_arms_while_it_runs(plan: Planner, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"holdout": {"percent": 20.0}}
    store, first = Store(tmp_path), plan(**asked)
    name = keep(store, plan, first, **asked)
    notes = Notes()
    assert find_running_test(store, plan.ask(**asked), DATE.date(), notes) is None
    store.approve(name, "Ada Lovelace")
    test = find_running_test(store, plan.ask(**asked), DATE.date(), notes)
    assert test is not None
    assert notes.sentences == ()
    assert test.plan == first.trial
    assert test.plan.digest == first.trial.digest

    more = plan(test=test, **asked | {"budget_usd": 40_000})
    drawn = {unit: arm for unit, arm, _ in test.plan.arms}
    arms = more.targets["arm"].to_dict()
    new = {unit for unit in arms if unit not in drawn}
    assert new
    assert {unit: arm for unit, arm in arms.items() if unit in drawn}.items() <= drawn.items()
    held = [unit for unit, arm in drawn.items() if arm == "holdout"]
    shapes = plan.tracts.geometry
    beside = {
        unit
        for unit in new
        if any(
            shapes[unit.removeprefix("tract-")].intersects(shapes[other.removeprefix("tract-")])
            for other in held
        )
    }
    assert beside
    assert {unit: arms[unit] for unit in new} == {
        unit: "buffer" if unit in beside else "treat" for unit in new
    }
    assert more.trial == test.plan
    assert any(f"{len(new):,} tracts are new on the list" in note for note in more.notes)

    smaller = plan.ask(holdout={"percent": 10.0})
    assert find_running_test(store, smaller, DATE.date(), notes) is None
    assert "requests a different test" in notes.sentences[0]


def test_once_a_flight_begins_its_test_stays_with_all_its_units(
    plan: Planner, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"holdout": {"percent": 20.0}}
    store, first = Store(tmp_path), plan(**asked)
    name = keep(store, plan, first, **asked)
    store.approve(name, "Ada Lovelace")
    redrawn = keep(store, plan, plan(holdout={"percent": 30.0}), holdout={"percent": 30.0})
    assert first.trial is not None
    drawn = {unit: arm for unit, arm, _ in first.trial.arms}

    # In flight, neither less money nor another request takes a unit of the test off the list.
    notes = Notes()
    other = plan.ask(holdout={"percent": 10.0})
    running = find_running_test(store, other, dt.date(2020, 6, 10), notes)
    assert running is not None
    assert running.run_id == name != redrawn
    assert "For another test, give the campaign another [flight]." in notes.sentences[0]
    less = plan(test=running, holdout={"percent": 10.0}, budget_usd=4_000)
    assert less.targets["arm"].to_dict() == drawn
    assert less.trial == first.trial
    kept = less.targets[~less.targets["place"].isin(less.chosen["place"])]
    assert len(kept)
    assert kept["why"].str.contains("because of its part in the test until June 28, 2020.").all()
    assert less.targets["rank"].is_unique
    assert any("All of them stay on the list until then." in note for note in less.notes)

    # After it, no arms are drawn again, and the test is named.
    notes, day = Notes(), dt.date(2020, 7, 2)
    over = find_running_test(store, plan.ask(**asked), day, notes)
    assert over is not None
    assert settle_campaign(plan.ask(**asked), over, day, notes).holdout.percent == 0
    assert notes.sentences == (
        (
            "The flight ended on June 28, 2020, so no arms are drawn again. Its test is that of"
            f" {name}, and 'outreach measure' reads it out."
        ),
    )


def test_a_flight_that_is_over_without_an_approved_test_gets_none(plan: Planner) -> None:
    flight = {"start": dt.date(2020, 4, 20), "end": dt.date(2020, 5, 17)}
    late = plan(holdout={"percent": 20.0}, flight=flight)
    assert late.trial is None
    assert late.targets.empty
    assert late.notes[0] == (
        "The flight ended on May 17, 2020, and no list with a test was approved for it, so no arms"
        " are drawn. For a new test, give the campaign a new [flight]."
    )


def test_pins_of_a_running_test_stay_where_they_are(plan: Planner, tmp_path: Path) -> None:
    units = {"kind": "pins", "coverage_percent": 80, "zips": plan.files["zip"]}
    asked: dict[str, Any] = {"units": units, "holdout": {"percent": 25.0}, "platforms": ["google"]}
    store, first = Store(tmp_path), plan(**asked)
    store.approve(keep(store, plan, first, **asked), "Ada Lovelace")
    assert find_running_test(store, plan.ask(**asked), DATE.date(), Notes()) is None
    running = find_running_test(store, plan.ask(**asked), dt.date(2020, 6, 10), Notes())
    assert running is not None
    more = plan(test=running, **asked | {"budget_usd": 30_000})
    places = ["place", "latitude", "longitude", "radius_km", "arm"]
    pd.testing.assert_frame_equal(
        more.targets[places].sort_index(), first.targets[places].sort_index()
    )


def test_a_test_that_cannot_be_read_out_is_said_at_planning_with_the_nearest_that_can(
    plan: Planner, tmp_path: Path
) -> None:
    units = {"kind": "zips", "zips": plan.files["zip"], "coverage_percent": 90}
    request = {"units": units, "max_targets": 30}
    blocked = plan(holdout={"percent": 20, "buffer": "none"}, **request)
    assert blocked.trial is not None
    assert "about 35 ways to draw these arms" in blocked.trial.obstacle  # 1 of 5, and 1 of 7
    note = next(note for note in blocked.notes if note.startswith("This test cannot be read out."))
    assert note.endswith('that can be: [holdout] percent = 25, buffer = "none".')
    readable = plan(holdout={"percent": 25, "buffer": "none"}, **request)
    assert readable.trial is not None
    assert readable.trial.obstacle == ""
    assert not any("cannot be read out" in note for note in readable.notes)
    assert describe_trial(readable.trial)["Test"].startswith(
        "ads from June 1, 2020 to June 28, 2020; it can detect an effect of"
    )
    assert "it cannot be read out" in describe_trial(blocked.trial)["Test"]

    # The list is approved only by somebody who knows, and the checklist says so too.
    store = Store(tmp_path)
    name = keep(store, plan, blocked)
    with pytest.raises(ModelError, match=r"is not approved\. .*--accept-unreadable-test"):
        approve_run(store, name, "Ada")
    assert store.approval(name) is None
    approval = approve_run(store, name, "Ada", accepts_unreadable=True)
    assert approval.accepted_obstacle == blocked.trial.obstacle
    assert approve_run(store, keep(store, plan, readable), "Ada").accepted_obstacle == ""
    context = ExportContext(make_brief(plan.ask()), name, test_warning=note)
    checklist = export_targets("google", blocked.targets, context).files[-1].content.decode()
    assert f"Test      {note}" in checklist


def test_arms_that_are_drawn_after_the_flight_began_cannot_be_read_out(plan: Planner) -> None:
    flight = {"start": dt.date(2020, 5, 20), "end": dt.date(2020, 6, 28)}
    late = plan(holdout={"percent": 20}, flight=flight)
    assert late.trial is not None
    assert late.trial.obstacle == (
        "The arms are drawn from data of May 28, 2020, after the flight began on May 20, 2020."
    )
    assert late.trial.remedy == "Start the flight on May 28, 2020 or later."


def test_money_that_wins_too_little_stays_unspent_and_is_said_to(plan: Planner) -> None:
    rich: dict[str, Any] = {"max_targets": 20, "spend_all": False}
    made = plan(**rich)
    assert made.budget is not None
    spent = made.targets["budget_usd"].sum()
    assert spent == pytest.approx(made.budget.saturation.knee_usd, abs=0.01)
    assert made.targets["ads_per_reached_household"].max() <= 9
    warning = next(note for note in made.notes if "lies beyond the knee" in note)
    assert warning.startswith(f"${20_000 - spent:,.0f} of the budget lies beyond the knee")
    assert "It stays unspent." in warning
    all_spent = plan(**rich | {"spend_all": True})
    assert all_spent.targets["budget_usd"].sum() > spent
    assert any("It is spent all the same" in note for note in all_spent.notes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"deadline": dt.date(2020, 5, 27), "flight": None}, "The deadline was May 27, 2020"),
        (
            {"flight": {"start": dt.date(2020, 5, 1), "end": dt.date(2020, 5, 27)}},
            "The flight ended on May 27, 2020",
        ),
    ],
)
def test_a_deadline_or_flight_that_has_passed_buys_nothing(
    plan: Planner, changes: dict[str, Any], sentence: str
) -> None:
    late = plan(**changes)
    assert late.targets.empty
    assert late.budget is None
    assert any(sentence in note and "nothing is bought" in note for note in late.notes)
    today = {"deadline": DATE.date(), "flight": None}
    assert not plan(**today).targets.empty
