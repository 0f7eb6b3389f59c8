"""Test that splits match a general solver, beat simple rules, and meet their floors."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from models.budget.allocation import Allocation, allocate_budget
from models.budget.channels import DISPLAY, META
from models.budget.saturation import trace_saturation
from models.budget.terms import GroupFloor, Terms
from outreach.errors import ModelError

#: The default price of an impression on social media, with fees.
IMPRESSION_USD = 0.01475 * 1.15


def draw_units(seed: int, count: int | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    count = count or int(rng.integers(2, 60))
    households = rng.integers(50, 4000, count).astype(float)
    return pd.DataFrame(
        {
            "households_count": households,
            "missing_households_count": households * rng.uniform(0, 0.7, count),
            "addressable_share": rng.uniform(0.2, 0.98, count),
            "persuadable_share": rng.uniform(0.3, 1, count),
            "max_spend_usd": households * rng.uniform(0.05, 0.6, count),
            "group": rng.choice(["Ward 1", "Ward 2", "Ward 3"], count),
        },
        index=pd.Index([f"{each:05d}" for each in range(count)], name="unit_id"),
    )


def responses(units: pd.DataFrame, spend: np.ndarray) -> float:
    """Return expected responses by the reference's formula, apart from the code under test."""
    reachable = units["addressable_share"] * 0.7
    impressions = spend / IMPRESSION_USD
    seen = impressions / (units["households_count"] * reachable)
    counted = 3 * (1 - np.exp(-seen / 3))
    answering = reachable * 0.017 * 0.05 * counted
    return float((units["missing_households_count"] * units["persuadable_share"] * answering).sum())


def caps(units: pd.DataFrame, frequency: float = 24.0) -> np.ndarray:
    audience = units["households_count"] * units["addressable_share"] * 0.7
    by_frequency = audience * frequency * IMPRESSION_USD
    return np.minimum(by_frequency, units["max_spend_usd"]).to_numpy()


def share_out(weights: np.ndarray, caps: np.ndarray, budget: float) -> np.ndarray:
    """Split in proportion to ``weights``; what a cap refuses goes round again."""
    spend = np.zeros_like(caps)
    for _ in range(len(caps)):
        open_weights = np.where(spend < caps - 1e-9, weights, 0.0)
        if open_weights.sum() <= 0 or budget - spend.sum() < 1e-9:
            break
        spend = np.minimum(caps, spend + (budget - spend.sum()) * open_weights / open_weights.sum())
    return spend


def buy_in_order(score: pd.Series, caps: np.ndarray, budget: float) -> np.ndarray:
    """Fund the first by ``score`` up to the cap, then the next, until the money is gone."""
    order = np.argsort(-score.to_numpy(), kind="stable")
    before = np.cumsum(caps[order]) - caps[order]
    spend = np.zeros_like(caps)
    spend[order] = np.clip(budget - before, 0, caps[order])
    return spend


def score_first_dollar(units: pd.DataFrame) -> pd.Series:
    """What the first dollar wins, up to a factor that all share: the priority of a tract."""
    missing_share = units["missing_households_count"] / units["households_count"]
    return missing_share * units["persuadable_share"]


@pytest.mark.slow
def test_floors_are_met_exactly_in_every_random_instance() -> None:
    for seed in range(150):
        rng, units = np.random.default_rng(seed), draw_units(seed)
        room = pd.Series(caps(units), units.index).groupby(units["group"]).sum()
        budget = float(rng.uniform(0.05, 1.1) * room.sum())
        floors_usd = {
            group: float(rng.uniform(0, 0.95) * min(most, budget / 3))
            for group, most in room.items()
        }
        floors = tuple(GroupFloor(str(name), usd) for name, usd in floors_usd.items())
        ours = allocate_budget(units, Terms(budget, floors=floors))
        spent = ours.cells["budget_usd"].groupby(units["group"]).sum()
        for group, floor in floors_usd.items():
            assert spent[group] >= floor * (1 - 1e-9), (seed, group)
            if group in ours.certificate.group_shadow_prices:
                assert spent[group] == pytest.approx(floor, rel=1e-9), (seed, group)
        assert spent.sum() <= budget * (1 + 1e-12)
        assert ours.certificate.gap_responses_count <= 1e-9 * max(
            ours.certificate.bound_responses_count, 1e-9
        ), seed


@pytest.mark.slow
def test_the_split_beats_every_rule_of_thumb_in_a_thousand_instances() -> None:
    for seed in range(1000):
        units = draw_units(seed)
        most = caps(units)
        budget = float(np.random.default_rng(seed).uniform(0.01, 1.2) * most.sum())
        ours = allocate_budget(units, Terms(budget))
        won = ours.cells["expected_responses_count"].sum()
        assert won == pytest.approx(
            responses(units, ours.cells["budget_usd"].to_numpy()), rel=1e-12
        )
        assert ours.cells["budget_usd"].sum() <= budget * (1 + 1e-12)
        need = units["missing_households_count"]
        rivals = {
            "equal": share_out(np.ones(len(units)), most, budget),
            "need": share_out(need.to_numpy(), most, budget),
            "most missing first": buy_in_order(need, most, budget),
            "lowest rate first": buy_in_order(need / units["households_count"], most, budget),
            "best first dollar first": buy_in_order(score_first_dollar(units), most, budget),
        }
        for name, spend in rivals.items():
            assert won >= responses(units, spend) * (1 - 1e-12), (seed, name)


@pytest.mark.parametrize("seed", range(12))
def test_the_split_agrees_with_a_general_convex_solver(seed: int) -> None:
    cp = pytest.importorskip("cvxpy")
    units = draw_units(seed, 25)
    budget = 0.35 * caps(units).sum()
    room = pd.Series(caps(units), units.index).groupby(units["group"]).sum()
    floors = tuple(
        GroupFloor(group, min(share * budget, 0.9 * room[group]))
        for group, share in (("Ward 1", 0.5), ("Ward 2", 0.02))
    )
    ours = allocate_budget(units, Terms(budget, floors=floors))
    reachable = units["addressable_share"] * 0.7
    ceiling = (
        units["missing_households_count"]
        * units["persuadable_share"]
        * (3 * 0.017)
        * 0.05
        * reachable
    )
    rate = 1 / (3 * units["households_count"] * reachable * IMPRESSION_USD)
    part = cp.Variable(
        len(units), nonneg=True
    )  # of the cap, so that the solver sees figures near 1
    spend = cp.multiply(part, caps(units))
    rules = [cp.sum(spend) / budget <= 1, part <= 1]
    rules += [
        cp.sum(spend[np.flatnonzero(units["group"] == f.group)]) / budget >= f.usd / budget
        for f in floors
    ]
    won = cp.sum(cp.multiply(ceiling.to_numpy(), 1 - cp.exp(-cp.multiply(rate.to_numpy(), spend))))
    scale = float(ceiling.sum())
    problem = cp.Problem(cp.Maximize(won / scale), rules)
    problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-8, tol_gap_rel=1e-8, tol_feas=1e-8)
    assert ours.cells["expected_responses_count"].sum() == pytest.approx(
        scale * problem.value, rel=1e-6
    )
    moved = (ours.cells["budget_usd"] - spend.value) * ours.cells["marginal_responses_per_usd"]
    assert (
        moved.abs().max() < 1e-5 * scale * problem.value
    )  # deep in saturation the spend itself hardly matters


@pytest.mark.slow
def test_the_certificate_closes_without_minimums() -> None:
    for seed in range(50):
        units = draw_units(seed)
        budget = 0.4 * caps(units).sum()
        room = pd.Series(caps(units), units.index).groupby(units["group"]).sum()
        floors = tuple(
            GroupFloor(group, min(0.1 * budget, 0.9 * room[group]))
            for group in units["group"].unique()[:2]
        )
        proof = allocate_budget(units, Terms(budget, floors=floors)).certificate
        assert proof.gap_responses_count <= 1e-9 * proof.bound_responses_count
        assert proof.marginal_error < 1e-9
        assert proof.slackness_error < 1e-9


def test_floors_are_met_to_the_cent_and_not_passed() -> None:
    units = draw_units(3, 50)
    budget = 0.3 * caps(units).sum()
    terms = Terms(budget, floors=(GroupFloor("Ward 1", 0.5 * budget), GroupFloor("Ward 2", 1.0)))
    ours = allocate_budget(units, terms)
    spent = ours.cells["budget_usd"].groupby(units["group"]).sum()
    assert spent["Ward 1"] == pytest.approx(0.5 * budget, abs=1e-6)
    assert spent["Ward 2"] > 1.0
    assert ours.certificate.group_shadow_prices.keys() == {"Ward 1"}
    assert (
        ours.certificate.group_shadow_prices["Ward 1"]
        < ours.certificate.shadow_price_responses_per_usd
    )
    raised = ours.cells["why"].str.startswith("raised to the floor of Ward 1")
    assert raised.any()
    assert (units.loc[raised, "group"] == "Ward 1").all()


def test_floors_that_take_the_whole_budget_leave_nothing_for_others() -> None:
    units = draw_units(4, 40)
    floors = (GroupFloor("Ward 1", 540.0), GroupFloor("Ward 2", 360.0))
    ours = allocate_budget(units, Terms(900.0, floors=floors))
    spent = ours.cells["budget_usd"].groupby(units["group"]).sum()
    np.testing.assert_allclose(spent[["Ward 1", "Ward 2", "Ward 3"]], [540, 360, 0], atol=1e-9)
    assert ours.certificate.gap_responses_count < 1e-9


def test_more_money_never_wins_less() -> None:
    units = draw_units(11, 40)
    won = [
        allocate_budget(units, Terms(budget)).cells["expected_responses_count"].sum()
        for budget in np.linspace(0, 1.3 * caps(units).sum(), 60)
    ]
    assert (np.diff(won) >= -1e-12).all()
    assert won[0] == 0


def best_by_trial(units: pd.DataFrame, budget: float, minimum: float) -> float:
    """Try every set of funded units; fill each by bisection on the shadow price."""
    most, best = caps(units), 0.0
    reachable = units["addressable_share"].to_numpy() * 0.7
    rate = 1 / (3 * units["households_count"].to_numpy() * reachable * IMPRESSION_USD)
    ceiling = (units["missing_households_count"] * units["persuadable_share"]).to_numpy()
    ceiling = ceiling * (3 * 0.017) * 0.05 * reachable
    for chosen in product([False, True], repeat=len(units)):
        on = np.array(chosen)
        if (most[on] < minimum).any() or on.sum() * minimum > budget * (1 + 1e-12):
            continue
        low, high = 1e-12, 1.0
        for _ in range(100):
            price = (low * high) ** 0.5
            spend = np.where(
                on,
                np.clip(np.log(np.maximum(ceiling * rate, 1e-300) / price) / rate, minimum, most),
                0,
            )
            low, high = (price, high) if spend.sum() > budget else (low, price)
        spend = np.where(
            on, np.clip(np.log(np.maximum(ceiling * rate, 1e-300) / high) / rate, minimum, most), 0
        )
        best = max(best, responses(units, spend))
    return best


@pytest.mark.slow
@pytest.mark.parametrize(
    ("budget_part", "minimum_part"), [(0.03, 0.2), (0.03, 0.12), (0.015, 0.34)]
)
def test_with_minimum_spends_the_stated_gap_holds_the_true_optimum(
    budget_part: float, minimum_part: float
) -> None:
    lacking = []
    for seed in range(8):
        units = draw_units(seed, 7).assign(households_count=2000.0, max_spend_usd=1e9)
        budget = budget_part * caps(units).sum()
        minimum = minimum_part * budget
        ours = allocate_budget(units, Terms(budget, minimum_spend_usd=minimum))
        won, true = (
            ours.cells["expected_responses_count"].sum(),
            best_by_trial(units, budget, minimum),
        )
        assert true <= ours.certificate.bound_responses_count * (1 + 1e-9)
        assert won + ours.certificate.gap_responses_count >= true * (1 - 1e-9)
        spend = ours.cells["budget_usd"]
        assert (spend.eq(0) | spend.ge(minimum * (1 - 1e-9))).all()
        assert spend.sum() <= budget * (1 + 1e-12)
        lacking.append(1 - won / true)
    assert (
        max(np.abs(lacking)) < 1e-6
    )  # so few units that each set of them can be tried: the rounding found the best every time


def test_money_that_clears_no_minimum_stays_unspent_and_says_so() -> None:
    ours = allocate_budget(draw_units(5, 10), Terms(40.0, minimum_spend_usd=50.0))
    assert ours.cells["budget_usd"].sum() == 0
    assert ours.unspent_usd == 40.0
    assert "$40.00 stays unspent" in ours.summary()
    assert "no other split wins more." in ours.summary()
    assert ours.cells["why"].str.startswith("below minimum").all()


def test_equal_units_are_funded_one_by_one_where_the_minimum_forbids_a_share_for_each() -> None:
    units = (
        pd.concat([draw_units(8, 1)] * 10)
        .assign(max_spend_usd=1e6)
        .set_axis([f"{i}" for i in range(10)])
    )
    ours = allocate_budget(units, Terms(200.0, minimum_spend_usd=50.0))
    assert sorted(ours.cells["budget_usd"].round(6)) == [0.0] * 6 + [50.0] * 4


def test_a_floor_smaller_than_the_minimum_is_raised_to_it() -> None:
    units = draw_units(9, 30)
    ours = allocate_budget(
        units, Terms(500.0, minimum_spend_usd=60.0, floors=(GroupFloor("Ward 1", usd=10.0),))
    )
    spent = ours.cells["budget_usd"].groupby(units["group"]).sum()
    assert spent["Ward 1"] >= 60.0 * (1 - 1e-9)


@pytest.mark.slow
def test_floors_and_minimums_that_fit_the_budget_together_are_always_met() -> None:
    for seed in range(60):
        units = draw_units(seed, 20).assign(max_spend_usd=1e6)
        rng = np.random.default_rng(seed)
        floors = (
            GroupFloor("Ward 1", usd=rng.uniform(5, 60)),
            GroupFloor("Ward 2", usd=rng.uniform(5, 60)),
        )
        ours = allocate_budget(
            units, Terms(rng.uniform(120, 400), minimum_spend_usd=60.0, floors=floors)
        )
        spent = ours.cells["budget_usd"].groupby(units["group"]).sum()
        assert (spent[["Ward 1", "Ward 2"]] >= 60 * (1 - 1e-9)).all()


def test_a_capped_cell_is_said_to_be_capped() -> None:
    units = draw_units(6, 5).assign(max_spend_usd=[5.0, 1e9, 1e9, 1e9, 1e9])
    ours = allocate_budget(units, Terms(1e7, max_impressions_per_household=10))
    assert ours.cells["why"].iloc[0] == "capped by its maximum spend"
    assert (ours.cells["why"].iloc[1:] == "capped by frequency").all()
    audience = 0.7 * units["addressable_share"] * units["households_count"]
    np.testing.assert_allclose((ours.cells["impressions_count"] / audience).iloc[1:], 10)
    # A household that is reached at all sees as many as meant, not 10 / 0.7 / online.
    np.testing.assert_allclose(ours.cells["ads_per_reached_household"].iloc[1:], 10, rtol=1e-3)
    assert ours.unspent_usd > 0


def test_channels_are_cells_of_their_own_and_share_one_shadow_price() -> None:
    units = draw_units(12, 20)
    ours = allocate_budget(units, Terms(3000.0, channels=(META, DISPLAY)))
    assert len(ours.cells) == 40
    assert set(ours.cells["channel"]) == {"meta", "display"}
    assert ours.cells["budget_usd"].sum() == pytest.approx(3000)
    inside = ours.cells["why"].str.startswith("marginal value equals the shadow price")
    assert inside.groupby(ours.cells["channel"]).any().all()
    np.testing.assert_allclose(
        ours.cells.loc[inside, "marginal_responses_per_usd"],
        ours.certificate.shadow_price_responses_per_usd,
    )
    one = allocate_budget(units, Terms(3000.0))
    assert (
        ours.cells["expected_responses_count"].sum() > one.cells["expected_responses_count"].sum()
    )
    by_unit = ours.by_unit()
    assert list(by_unit.index) == list(units.index)
    assert by_unit["budget_usd"].sum() == pytest.approx(3000)


def test_a_channel_has_a_floor_and_a_frequency_cap_of_its_own() -> None:
    units = draw_units(12, 60)
    free = allocate_budget(units, Terms(3000.0, channels=(META, DISPLAY)))
    before = free.cells.groupby("channel")["budget_usd"].sum()
    floor = 0.5 * (before["display"] + 3000)
    terms = Terms(
        3000.0,
        channels=(META, DISPLAY),
        floors=(GroupFloor("display", usd=floor),),
        floors_by_channel=True,
    )
    ours = allocate_budget(units, terms)
    assert ours.cells.groupby("channel")["budget_usd"].sum()["display"] == pytest.approx(
        floor, rel=1e-9
    )
    assert ours.certificate.gap_responses_count < 1e-9
    seldom = Terms(3000.0, channels=(META, DISPLAY), channel_frequency={"display": 1.0})
    cells = allocate_budget(units, seldom).cells
    each = cells["seen_per_household"]
    assert each[cells["channel"] == "display"].max() <= 1 * (1 + 1e-9)
    assert each[cells["channel"] == "meta"].max() > 1


def test_every_line_has_a_reason_a_range_and_reached_households_within_the_ceiling() -> None:
    units = draw_units(13, 50)
    cells = allocate_budget(units, Terms(800.0)).cells
    assert (cells["why"].str.len() > 10).all()
    assert (cells["expected_responses_low_count"] <= cells["expected_responses_count"]).all()
    assert (cells["expected_responses_count"] <= cells["expected_responses_high_count"]).all()
    assert (
        cells["reached_households_count"]
        <= 0.7 * units["addressable_share"] * units["households_count"]
    ).all()


def test_the_same_question_has_the_same_answer() -> None:
    def ask() -> Allocation:
        return allocate_budget(draw_units(14, 60), Terms(700.0, minimum_spend_usd=20.0))

    pd.testing.assert_frame_equal(ask().cells, ask().cells)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"addressable_share": [0.5, np.nan]}, "addressable_share of unit 00001 is nan"),
        ({"persuadable_share": [0.5, 1.5]}, "persuadable_share of unit 00001 is 1.5"),
        ({"missing_households_count": [-1.0, 3.0]}, "missing_households_count of unit 00000"),
    ],
)
def test_a_figure_that_cannot_be_is_named(change: dict[str, list[float]], sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        allocate_budget(draw_units(1, 2).assign(**change), Terms(10.0))


def test_without_units_there_is_nothing_to_split() -> None:
    with pytest.raises(ModelError, match="no unit to spend on"):
        allocate_budget(draw_units(1, 2).iloc[:0], Terms(10.0))


def test_floors_that_cannot_be_met_are_named() -> None:
    units = draw_units(2, 30)
    with pytest.raises(ModelError, match="floors add up to"):
        allocate_budget(
            units, Terms(100.0, floors=(GroupFloor("Ward 1", 60.0), GroupFloor("Ward 2", 60.0)))
        )
    with pytest.raises(ModelError, match=r"'Ward 9' can take at most \$0"):
        allocate_budget(units, Terms(100.0, floors=(GroupFloor("Ward 9", 60.0),)))


def test_terms_that_cannot_be_are_refused() -> None:
    with pytest.raises(ModelError, match="at least 0"):
        Terms(-1.0)
    with pytest.raises(ModelError, match="two floors"):
        Terms(1.0, floors=(GroupFloor("A"), GroupFloor("A")))
    with pytest.raises(ModelError, match="appears twice"):
        Terms(1.0, channels=(META, META))
    with pytest.raises(ModelError, match="from 0 to below 1"):
        Terms(1.0, least_value_share=1.0)


def test_spending_stops_where_the_next_dollar_wins_a_twentieth_of_the_first() -> None:
    units = draw_units(21, 40).drop(columns="max_spend_usd")
    rich = Terms(1e6, least_value_share=0.05)
    ours = allocate_budget(units, rich)
    first = ours.problem.curves.marginal(np.zeros(40)).max()
    spent = ours.cells["budget_usd"] > 0
    np.testing.assert_allclose(
        ours.cells.loc[spent, "marginal_responses_per_usd"], 0.05 * first, rtol=1e-9
    )
    assert ours.unspent_usd == pytest.approx(1e6 - ours.cells["budget_usd"].sum())
    assert "stays unspent: beyond it the next dollar wins too little" in ours.summary()

    # Where the money is short, nothing changes; a floor is met all the same.
    poor = replace(rich, budget_usd=0.5 * ours.cells["budget_usd"].sum())
    pd.testing.assert_frame_equal(
        allocate_budget(units, poor).cells,
        allocate_budget(units, replace(poor, least_value_share=0.0)).cells,
    )
    before = ours.cells["budget_usd"].groupby(units["group"]).sum()["Ward 1"]
    raised = replace(rich, floors=(GroupFloor("Ward 1", 1.5 * before),))
    after = allocate_budget(units, raised).cells["budget_usd"].groupby(units["group"]).sum()
    assert after["Ward 1"] == pytest.approx(1.5 * before, rel=1e-9)
    assert after["Ward 2"] == pytest.approx(
        ours.cells["budget_usd"].groupby(units["group"]).sum()["Ward 2"], rel=1e-6
    )


def test_a_best_first_dollar_reaches_the_stop_at_nine_ads_a_household() -> None:
    units = draw_units(21, 1).drop(columns="max_spend_usd")
    cells = allocate_budget(units, Terms(1e6, least_value_share=0.05)).cells
    assert cells["seen_per_household"].iloc[0] == pytest.approx(3 * np.log(20), rel=1e-9)


def test_the_curve_of_the_budget_is_that_of_budgets_split_one_by_one() -> None:
    units = draw_units(22, 30)
    terms = Terms(4000.0)
    ours = allocate_budget(units, terms)
    saturation = trace_saturation(ours.problem, 4000.0, 0.05)
    curve = saturation.curve
    for budget, won in curve[["budget_usd", "expected_responses_count"]].itertuples(index=False):
        alone = allocate_budget(units, replace(terms, budget_usd=budget))
        assert won == pytest.approx(alone.cells["expected_responses_count"].sum(), rel=1e-9)
    assert curve["budget_usd"].is_monotonic_increasing
    assert (np.diff(curve["next_1000_usd_responses_count"]) <= 1e-9).all()
    for mark, share in (("90%", 0.9), ("99%", 0.99)):
        row = curve[curve["mark"] == mark].iloc[0]
        assert row["share_of_all"] == pytest.approx(share, rel=1e-6)
    stop = allocate_budget(units, replace(terms, least_value_share=0.05))
    assert (
        saturation.knee_usd == pytest.approx(stop.cells["budget_usd"].sum(), rel=1e-9)
        or saturation.knee_usd > 4000
    )
