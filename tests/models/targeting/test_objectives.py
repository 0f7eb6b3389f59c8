"""Test that each objective buys its own list, and that a run says what each gives up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.scores.online import LEAST_TRACTS, estimate_online, reach_share
from models.scores.persuadable import CLOSED_SHARE
from models.targeting.assumed import list_assumptions
from models.targeting.objectives import compare_objectives, measure_overlap
from models.targeting.priority import find_scores, score_tracts
from models.targeting.selection import ListRules, list_affordable
from outreach.objectives import Assumed, Objective
from outreach.tables import DataFrame, Scores
from tests.builders import build_rules

COUNT = 60


@pytest.fixture
def tracts() -> pd.DataFrame:
    """Return tracts whose rate, size, and internet access are independent of one another."""
    rng = np.random.default_rng(8)
    rate = rng.uniform(0.2, 0.9, COUNT)
    households = rng.integers(300, 3000, COUNT).astype(float)
    return pd.DataFrame(
        {
            "data_date": pd.Timestamp("2020-05-01"),
            "cumulative_share": rate,
            "internet_share": 0.7 * rate,
            "households_count": households,
            "internet_households_count": (households * rng.uniform(0.7, 0.98, COUNT)).round(),
            "unsubscribed_internet_households_count": 0.0,
            "internet_universe_count": households,
            "peer_share": rng.uniform(0.2, 0.9, COUNT),
        },
        index=pd.Index([f"99001{number:06d}" for number in range(COUNT)], name="geoid"),
    )


def score(tracts: pd.DataFrame, rules: ListRules) -> DataFrame[Scores]:
    return score_tracts(tracts, ("en",), rules, simulations=20)


def ask(**changes: object) -> ListRules:
    return build_rules(**({"goal_share": 1.0, "budget_usd": 1e6} | changes))


def test_the_rank_follows_the_objective(tracts: pd.DataFrame) -> None:
    scored = {each: score(tracts, ask(objective=each)) for each in Objective}
    by_rate = tracts["cumulative_share"].sort_values().index
    missing = tracts["households_count"] * (1 - tracts["cumulative_share"])
    assert scored[Objective.LOWEST_RATES].index.tolist() == by_rate.tolist()
    assert scored[Objective.MOST_MISSING].index.tolist() == (
        missing.sort_values(ascending=False).index.tolist()
    )
    by_priority = scored[Objective.MISSING_PER_DOLLAR]["priority"]
    assert by_priority.is_monotonic_decreasing
    for table in scored.values():
        assert ((table["rank_low"] <= table["rank"]) & (table["rank"] <= table["rank_high"])).all()
        pd.testing.assert_series_equal(
            table["priority"].sort_index(), by_priority.sort_index(), check_names=False
        )


def test_the_list_that_is_bought_follows_the_rank(tracts: pd.DataFrame) -> None:
    for objective in Objective:
        rules = ask(objective=objective, max_targets=7)
        scored = score(tracts, rules)
        assert list_affordable(tracts, scored, rules).tolist() == scored.index[:7].tolist()


def test_a_tract_that_cannot_be_priced_or_was_not_invited_is_on_no_list(
    tracts: pd.DataFrame,
) -> None:
    tracts.loc[tracts["cumulative_share"].idxmin(), "internet_universe_count"] = None
    waiting = tracts["cumulative_share"].nsmallest(2).index[1]
    tracts["pace"] = "on pace"
    tracts.loc[waiting, "pace"] = "not invited yet"
    rules = ask(objective=Objective.LOWEST_RATES)
    listed = list_affordable(tracts, score(tracts, rules), rules)
    assert len(listed) == COUNT - 2
    assert not set(tracts["cumulative_share"].nsmallest(2).index) & set(listed)


def test_each_list_is_best_at_its_own_measure_and_the_table_says_what_it_gives_up(
    tracts: pd.DataFrame,
) -> None:
    rules = ask(max_targets=12)
    lists = compare_objectives(tracts, score(tracts, rules), rules, lambda own: score(tracts, own))
    table = lists.table
    assert table["is_bought"].tolist() == [True, False, False]
    assert table["tracts_count"].tolist() == [12, 12, 12]
    best = table.filter(regex=r"^(reached_per|worst_found|missing_covered)").astype(float).idxmax()
    assert best["reached_per_1000_usd"] == Objective.MISSING_PER_DOLLAR
    assert best["worst_found_share"] == Objective.LOWEST_RATES
    assert best["missing_covered_share"] == Objective.MOST_MISSING
    assert table.loc[Objective.LOWEST_RATES, "worst_found_share"] == 1
    own, dollar = table.loc[Objective.MOST_MISSING], table.loc[Objective.MISSING_PER_DOLLAR]
    assert own["reached_per_1000_usd_given_up_share"] == pytest.approx(
        1 - own["reached_per_1000_usd"] / dollar["reached_per_1000_usd"]
    )
    assert dollar["reached_per_1000_usd_given_up_share"] == 0
    assert dollar["jaccard_share"] == 1
    assert own["jaccard_share"] < 0.7
    sentence = lists.describe()
    assert sentence.startswith("most missing households reached for a dollar: 12 tracts")
    assert "lowest rates at the deadline: 12 tracts" in sentence


def test_reached_households_and_their_price_are_those_computed_by_hand() -> None:
    """One tract: 1,000 households, half missing, 80% online, 20% responded by internet."""
    tracts = pd.DataFrame(
        {
            "data_date": pd.Timestamp("2020-05-01"),
            "cumulative_share": 0.5,
            "internet_share": 0.2,
            "households_count": 1000.0,
            "internet_households_count": 800.0,
            "unsubscribed_internet_households_count": 0.0,
            "internet_universe_count": 1000.0,
        },
        index=pd.Index(["99001000100"], name="geoid"),
    )
    rules = ask(cpm_usd=10.0, fee_share=0.0, impressions_per_household=20.0)
    row = compare_objectives(
        tracts, score(tracts, rules), rules, lambda own: score(tracts, own)
    ).table.loc[Objective.MISSING_PER_DOLLAR]
    # Of the 500 missing, (0.8 - 0.2) / (1 - 0.2) = 75% are online; 800 online get 20 ads each.
    assert row["cost_usd"] == pytest.approx(160)
    assert row["reached_per_1000_usd"] == pytest.approx(1000 * 500 * 0.75 / 160, rel=1e-6)
    assert row["missing_per_household_share"] == 0.5


def test_a_budget_that_buys_nothing_is_said_and_divides_by_nothing(tracts: pd.DataFrame) -> None:
    rules = ask(budget_usd=0.0)
    lists = compare_objectives(tracts, score(tracts, rules), rules, lambda own: score(tracts, own))
    assert (lists.table["tracts_count"] == 0).all()
    assert lists.table["reached_per_1000_usd"].isna().all()
    assert "most missing households reached for a dollar: no tract" in lists.describe()


def test_assumed_figures_move_nothing_until_they_are_turned_on(tracts: pd.DataFrame) -> None:
    off = score(tracts, ask())
    other = tracts.assign(peer_share=1 - tracts["peer_share"])
    pd.testing.assert_series_equal(off["rank"], score(other, ask())["rank"])
    on = score(tracts, ask(switches=frozenset({Assumed.OPENNESS})))
    assert on.index.tolist() != off.index.tolist()


def test_the_spread_widens_ranges_and_moves_no_rank(tracts: pd.DataFrame) -> None:
    off, on = score(tracts, ask()), score(tracts, ask(switches=frozenset({Assumed.SPREAD})))
    pd.testing.assert_series_equal(off["rank"], on["rank"])
    width = [(each["rank_high"] - each["rank_low"]).mean() for each in (off, on)]
    assert width[0] < width[1]


def test_the_table_of_assumptions_says_what_each_switch_would_change(
    tracts: pd.DataFrame,
) -> None:
    rules = ask(max_targets=12)
    scored = score(tracts, rules)
    table = list_assumptions(
        tracts, scored, rules, lambda own: score(tracts, own), find_scores()
    ).set_index("assumption")
    assert set(table["switch"]) == set(Assumed)
    assert (table["status"] == "ASSUMED").all()
    assert not table["is_on"].any()
    closed = table.loc[CLOSED_SHARE.label]
    opened = replace(rules, switches=frozenset({Assumed.OPENNESS}))
    expected = measure_overlap(scored.index[:12], score(tracts, opened).index[:12])
    assert closed["jaccard_share"] == pytest.approx(expected)
    assert closed["jaccard_share"] < 1
    assert (table[table["switch"] == Assumed.SPREAD]["jaccard_share"] == 1).all()


def test_overlap_is_the_jaccard_index() -> None:
    assert measure_overlap(pd.Index(["a", "b"]), pd.Index(["b", "c"])) == pytest.approx(1 / 3)
    assert measure_overlap(pd.Index([]), pd.Index([])) == 1


def test_the_estimated_share_online_is_nearer_to_the_truth_than_the_survey() -> None:
    rng = np.random.default_rng(3)
    count = 400
    rate = rng.uniform(0.3, 0.8, count)
    truth = (0.6 + 0.4 * rate + rng.normal(0, 0.04, count)).clip(0, 0.99)
    households, interviewed = 1500.0, 75
    own = rng.binomial(interviewed, truth) / interviewed
    table = pd.DataFrame(
        {
            "cumulative_share": rate,
            "internet_share": 0.7 * rate,
            "internet_households_count": own * households,
            "unsubscribed_internet_households_count": 0.0,
            "internet_universe_count": households,
        },
        index=pd.Index([f"99001{number:06d}" for number in range(count)], name="geoid"),
    )
    estimate = estimate_online(table)
    miss = (estimate["online_share"] - truth).abs().mean()
    assert miss < 0.8 * (reach_share(table) - truth).abs().mean()
    assert float(((estimate["online_share"] - truth) ** 2).mean()) ** 0.5 == pytest.approx(
        float(estimate["error_share"].mean()), rel=0.35
    )
    # Margins of error take the place of the assumed sample; without error nothing is changed.
    exact = estimate_online(table.assign(internet_households_count_moe=0.0))
    np.testing.assert_allclose(exact["online_share"], reach_share(table))
    few = table.head(LEAST_TRACTS - 1)
    pd.testing.assert_series_equal(estimate_online(few)["online_share"], reach_share(few))
