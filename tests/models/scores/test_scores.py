"""Test scores against figures computed by hand, and against the invented county."""

import ast
import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, spearmanr

from models import scores
from models.features.predictors import PREDICTORS
from models.scores import cost_of_reach, digital_reach, missing_households, momentum, response_gap
from models.scores.languages import cover_languages, read_codes
from models.scores.online import reach_share
from models.scores.score import ScoreInputs
from models.targeting.priority import find_scores, score_tracts
from outreach.census.datasets.acs5 import DATASET as ACS
from outreach.census.datasets.race import DATASET as RACE
from outreach.dataset import Dataset
from outreach.objectives import Assumed
from outreach.sandbox.county.dates import FIRST_DAY, is_published
from outreach.sandbox.county.season import HiddenTruth
from outreach.sandbox.county.world import InventedCounty
from tests.builders import build_rules

TODAY = dt.date(2020, 5, 28)
GEOIDS = pd.Index(["99001000100", "99001000200"], name="geoid")


RULES = build_rules()
INPUTS = ScoreInputs(("en",), RULES.goal_share, RULES.price)


def online(**columns: object) -> pd.DataFrame:
    given = {
        "internet_households_count": [700.0, 450.0],
        "unsubscribed_internet_households_count": [100.0, 50.0],
        "internet_universe_count": 1000.0,
        "households_count": 1000.0,
        "cumulative_share": [0.6, 0.5],
        "internet_share": [0.5, 0.25],
    }
    return pd.DataFrame(given | columns, index=GEOIDS)


def test_households_that_have_not_answered_are_less_often_online_than_all() -> None:
    assert reach_share(online()).tolist() == [0.8, 0.5]
    assert digital_reach.reach_missing_share(online()).tolist() == pytest.approx(
        [0.3 / 0.5, 0.25 / 0.75]
    )
    noisy = digital_reach.reach_missing_share(online(internet_share=[0.85, 0.25]))
    assert noisy.iloc[0] == pytest.approx(0.08), (
        "an online share below the internet rate is an error of sampling"
    )


def test_nobody_without_a_device_is_online() -> None:
    share = reach_share(
        online(no_device_households_count=[400.0, 10.0], device_universe_count=1000.0)
    )
    assert share.tolist() == [0.6, 0.5]


def test_languages_without_creative_are_not_reached() -> None:
    people = {
        f"limited_english_{name}_count": 0.0
        for name in ("french_haitian", "korean", "chinese", "vietnamese")
    }
    people |= {
        f"limited_english_{name}_count": 0.0 for name in ("tagalog", "arabic", "other_asian")
    }
    people |= {"limited_english_spanish_count": 300.0, "limited_english_slavic_count": 100.0}
    people |= {"limited_english_other_indo_european_count": 0.0, "population_5plus_count": 1000.0}
    tracts = pd.DataFrame(people, index=GEOIDS)

    def covered(*codes: str) -> float:
        return float(cover_languages(tracts, codes)["covered_share"].iloc[0])

    assert covered("en") == pytest.approx(0.6)
    assert covered("en", "es-MX") == pytest.approx(0.9)
    assert covered("en", "es", "pl") == pytest.approx(0.95)
    assert covered("es") == pytest.approx(0.3)
    assert read_codes(("en", "zh_Hant", "yue", "fil", "so")) == {"en", "zh", "tl", "so"}


def test_the_household_table_stands_in_where_the_people_table_is_missing() -> None:
    groups = {
        f"limited_english_households_{name}_count": 0.0
        for name in ("indo_european", "asian_pacific", "other")
    }
    tracts = pd.DataFrame(
        groups
        | {"limited_english_households_spanish_count": [200.0, np.nan], "households_count": 1000.0},
        index=GEOIDS,
    )
    tracts["limited_english_households_spanish_count_moe"] = 164.5
    coverage = cover_languages(tracts, ("en",))
    assert coverage["covered_share"].tolist() == pytest.approx([0.8, 1.0])
    assert coverage["error_share"].tolist() == pytest.approx([0.1, 0.0])


def test_reach_of_missing_households_has_its_price() -> None:
    tracts = online()
    price = replace(RULES.price, impressions_per_household=10.0)
    inputs = replace(INPUTS, price=price)
    # 10 impressions at 2.3 cents (fees included) on each household online; 0.4 missing, 0.6 / 0.8
    # as often online as all.
    assert cost_of_reach.price_reach(tracts, inputs).iloc[0] == pytest.approx(
        0.23 / (0.4 * 0.75), rel=1e-3
    )
    cheap = cost_of_reach.SCORE.compute(tracts, inputs)
    assert cheap["99001000200"] > cheap["99001000100"]
    done = cost_of_reach.SCORE.compute(online(cumulative_share=[1.0, 0.5]), inputs)
    assert done.iloc[0] == 0


def test_momentum_counts_the_days_that_truly_lie_between() -> None:
    tracts = pd.DataFrame(
        {"data_date": pd.Timestamp("2020-06-01"), "cumulative_share": [0.6, 0.5]}, index=GEOIDS
    )
    days = [
        ("2020-05-01", 0.30),
        ("2020-05-15", 0.50),
        ("2020-05-22", 0.55),
        ("2020-06-01", 0.99),
        ("2020-06-02", 1.0),
    ]
    first = pd.DataFrame(days, columns=["data_date", "cumulative_share"], index=[GEOIDS[0]] * 5)
    second = pd.DataFrame(
        [("2020-05-25", 0.52)], columns=["data_date", "cumulative_share"], index=[GEOIDS[1]]
    )
    history = pd.concat([first, second]).assign(daily_share=0.9)
    history["data_date"] = pd.to_datetime(history["data_date"])
    growth = momentum.measure_growth(tracts, history)
    assert growth.iloc[0] == pytest.approx(7 * 0.10 / 17), (
        "17 days since the last publication two weeks back"
    )
    assert growth.iloc[1] == 0, "a figure taken back is no growth"
    nothing = momentum.measure_growth(tracts, history[history["data_date"] > "2020-05-28"])
    assert nothing.isna().all()


def test_the_gap_is_a_probability_and_the_final_pair_goes_before_that_of_today() -> None:
    half = 1.2816 * 0.03
    tracts = pd.DataFrame(
        {
            "cumulative_share": 0.4,
            "final_share": [0.60, 0.60],
            "final_low80_share": 0.6,
            "final_high80_share": 0.6,
            "peer_final_share": [0.63, 0.60],
            "peer_final_low80_share": [0.63 - half, 0.60 - half],
            "peer_final_high80_share": [0.63 + half, 0.60 + half],
            "peer_share": 0.9,
        },
        index=GEOIDS,
    )
    gap = response_gap.measure_gap(tracts)
    assert gap["gap_share"].tolist() == pytest.approx([0.03, 0])
    score = response_gap.SCORE.compute(tracts.join(gap), INPUTS)
    assert score.tolist() == pytest.approx([norm.cdf(1), 0.5], abs=1e-6)
    today = response_gap.measure_gap(tracts.drop(columns=["final_share", "peer_final_share"]))
    assert today["gap_share"].tolist() == pytest.approx([0.5, 0.5])
    waiting = response_gap.measure_gap(tracts.assign(pace=["just invited", "on pace"]))
    assert waiting["gap_share"].isna().tolist() == [True, False]
    assert response_gap.measure_gap(tracts[["cumulative_share", "final_share"]]).empty


def test_the_gap_to_a_matched_expectation_has_the_error_of_its_own_interval() -> None:
    """The bounds are those of the data date; the matching stretched the expectation by a half."""
    today = pd.Series([0.40, 0.50], index=GEOIDS)
    tracts = pd.DataFrame(
        {
            "cumulative_share": 0.4,
            "final_share": 0.6,
            "final_low80_share": 0.6,
            "final_high80_share": 0.6,
            "peer_share": today,
            "peer_low80_share": today - 1.2816 * 0.02,
            "peer_high80_share": today + 1.2816 * 0.02,
            "peer_matched_share": [0.60, 0.75],
        },
        index=GEOIDS,
    )
    gap = response_gap.measure_gap(tracts)
    assert gap["gap_share"].tolist() == pytest.approx([0.0, 0.15])
    assert gap["gap_error_share"].tolist() == pytest.approx([0.03, 0.03], abs=1e-5)


@pytest.mark.parametrize("flag", [{"behind": [True, None]}, {"pace": ["behind", "on pace"]}])
def test_a_tract_behind_its_band_says_so(flag: dict[str, list[object]]) -> None:
    tracts = pd.DataFrame({"cumulative_share": 0.4, "peer_share": 0.45, **flag}, index=GEOIDS)
    reason = response_gap.SCORE.reason
    assert reason is not None
    clauses = reason.explain(tracts.join(response_gap.measure_gap(tracts)), INPUTS)
    assert clauses.str.contains("below its expected band").tolist() == [True, False]


def pull(world: InventedCounty, dataset: Dataset, vintage: int) -> pd.DataFrame:
    """Read declared counts from what the world serves, without the way over HTTP."""
    served = world.dataset(vintage, dataset.path)
    assert served is not None
    rows = served.rows["tract"]
    index = pd.Index(rows["state"] + rows["county"] + rows["tract"], name="geoid")
    columns = {}
    for variable in dataset.list_variables(vintage):
        cells = rows[list(variable.codes)].apply(pd.to_numeric)
        margins = rows[list(variable.margin_codes)].apply(pd.to_numeric)
        columns[variable.name] = cells.where(cells > -1e8).sum(axis=1, skipna=False)
        columns[variable.margin_name] = (margins.where(margins > -1e8) ** 2).sum(
            axis=1, skipna=False
        ) ** 0.5
    return pd.DataFrame(columns).set_axis(index)


@pytest.fixture(scope="module")
def county() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, HiddenTruth]:
    """Return tracts, forecast, peers and history of the invented county, and what it hides."""
    world = InventedCounty(today=TODAY)
    days = [day.date() for day in pd.date_range(FIRST_DAY, TODAY) if is_published(day.date())]
    seasons = [
        (world.season.rates(day)[["CRRALL", "CRRINT"]] / 100)
        .set_axis(["cumulative_share", "internet_share"], axis=1)
        .assign(data_date=pd.Timestamp(day))
        for day in days
    ]
    profiles = pull(world, ACS, 2022)
    tracts = seasons[-1].join(profiles).assign(name="x", status="rated")
    tracts = tracts[
        ~tracts.index.isin(list(world.truth.update_leave)) & (tracts["households_count"] > 0)
    ]
    rate = 1 - 0.8 * (1 - tracts["cumulative_share"])
    forecast = pd.DataFrame(
        {"final_share": rate, "final_low80_share": rate - 0.03, "final_high80_share": rate + 0.03}
    )
    return tracts, forecast, expect_from_neighbors(tracts, rate), pd.concat(seasons), world.truth


def expect_from_neighbors(tracts: pd.DataFrame, rate: "pd.Series[float]") -> pd.DataFrame:
    """Expect each rate from who lives there, by least squares over other tracts."""
    parts = {
        name: tracts[name] / tracts[whole]
        for name, whole in (
            ("renter_households_count", "households_count"),
            ("poverty_count", "poverty_universe_count"),
            ("limited_english_spanish_count", "population_5plus_count"),
            ("limited_english_households_spanish_count", "households_count"),
            ("householder_65plus_count", "households_count"),
            ("offline_households_count", "internet_universe_count"),
            ("moved_since_2018_households_count", "households_count"),
            ("large_multi_units_count", "housing_units_count"),
            ("single_parent_households_count", "households_count"),
        )
    }
    design = (
        pd.DataFrame(parts)
        .assign(income=np.log(tracts["household_income_usd"]), one=1.0)
        .to_numpy()
    )
    fold, expected = np.arange(len(design)) % 5, np.zeros(len(design))
    for number in range(5):
        line = np.linalg.lstsq(design[fold != number], rate.to_numpy()[fold != number], rcond=None)[
            0
        ]
        expected[fold == number] = design[fold == number] @ line
    error = 1.2816 * float(np.std(rate - expected))
    columns = {"peer_final_share": expected, "peer_final_low80_share": expected - error}
    return pd.DataFrame(columns | {"peer_final_high80_share": expected + error}, index=tracts.index)


def test_planted_persuadability_comes_back(county: tuple[pd.DataFrame, ...]) -> None:
    tracts, forecast, expectation, history, truth = county
    scored = score_tracts(tracts, ("en",), RULES, forecast, expectation, history)
    hidden = truth.persuadability.reindex(scored.index)
    persuadable = spearmanr(scored["persuadable_score"], hidden).statistic
    assert persuadable > 0.5
    assert persuadable > spearmanr(scored["missing_households_score"], hidden).statistic + 0.1
    assert spearmanr(scored["response_gap_score"], hidden).statistic > 0.35
    # What an impression truly wins in a tract, up to a constant.
    won = hidden * (1 - truth.final_share.reindex(scored.index))
    lowest = tracts["cumulative_share"].nsmallest(80).index
    opened = replace(RULES, switches=frozenset({Assumed.OPENNESS}))
    bought = score_tracts(tracts, ("en",), opened, forecast, expectation, history).index[:80]
    assert won[bought].mean() > 1.02 * won[lowest].mean()
    assert won[scored.index[:80]].mean() > 1.7 * won.mean()


def test_race_columns_in_the_table_change_nothing(county: tuple[pd.DataFrame, ...]) -> None:
    tracts, forecast, expectation, history, _ = county
    rng = np.random.default_rng(1)
    names = [name for variable in RACE.variables for name in (variable.name, variable.margin_name)]
    protected = {
        name: rng.integers(0, 5000, len(tracts)).astype(float)
        for name in [*names, "pct_black", "race_share"]
    }
    plain = score_tracts(tracts, ("en",), RULES, forecast, expectation, history)
    rich = tracts.assign(**protected)
    again = score_tracts(rich, ("en",), RULES, forecast, expectation, history)
    pd.testing.assert_frame_equal(again, plain)


DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)
#: Words that have no business in anything that aims: the names and tables of the race dataset, and
#: plainer words for the same.
PROTECTED = [variable.name for variable in RACE.variables] + sorted(
    {code.split("_")[0] for variable in RACE.variables for code in variable.codes}
)
PROTECTED += [
    "race",
    "racial",
    "ethnic",
    "ethnicity",
    "hispanic",
    "latino",
    "black",
    "asian_alone",
    "native_hawaiian",
]


def names_protected(text: str) -> list[str]:
    plain = re.sub(
        r"limited_english_[a-z_]+", "", text.lower()
    )  # languages, some of them called Asian
    return [
        word
        for word in PROTECTED
        if re.search(rf"(?<![a-z]){re.escape(word.lower())}(?![a-z])", plain)
    ]


def test_no_score_and_no_feature_reads_a_protected_column() -> None:
    read = {name: score.needs for name, score in find_scores().items()}
    read |= {each.name: (each.name, *each.parts, each.whole) for each in PREDICTORS}
    assert len(read) > 20
    for name, columns in read.items():
        assert not [word for column in columns for word in names_protected(column)], name
    profiles = {variable.name for variable in ACS.variables}
    assert not [word for column in profiles for word in names_protected(column)]


MODELS = Path(str(scores.__file__)).parents[1]
AIMING = [
    path
    for room in ("scores", "targeting", "peers", "budget")
    for path in sorted((MODELS / room).glob("*.py"))
] + [MODELS / "features" / "build.py"]


@pytest.mark.parametrize("path", AIMING, ids=lambda path: path.stem)
def test_no_code_that_aims_names_a_protected_trait(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(tree)
        if isinstance(node, DOCUMENTED)
    }
    words = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    words |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    words |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not {word for word in words - prose if names_protected(word)}


def test_the_check_would_find_a_protected_trait() -> None:
    for text in (
        "hispanic_count",
        "tracts['black_count_moe']",
        "B03002_012E",
        "pct_race",
        "asian_count",
    ):
        assert names_protected(text), text
    assert not names_protected("limited_english_other_asian_count trace brace")


def test_only_the_tracts_own_part_of_the_error_counts_for_its_rank() -> None:
    tracts = online()
    rate = tracts["cumulative_share"]
    wide = tracts.assign(
        final_share=rate, final_low80_share=rate - 0.1, final_high80_share=rate + 0.1
    )
    factor = missing_households.SCORE.factor
    assert factor is not None
    measure = factor.measure_variance
    assert measure is not None
    own = measure(wide.assign(own_error_share=0.02), INPUTS) ** 0.5
    np.testing.assert_allclose(own["above"], np.log1p(0.02 / (1 - rate)))
    np.testing.assert_allclose(own["below"], -np.log1p(-0.02 / (1 - rate)))
    assert (measure(wide, INPUTS) ** 0.5 > own).all(axis=None)
