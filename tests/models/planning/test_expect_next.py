"""What to expect of the next census: planted change is found, and ranges hold."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from models.planning.assess_plan import PlanYears, assess_plan
from models.planning.expect_next import expect_next_census
from models.planning.past import PAST, list_plan_predictors, rate_past
from models.planning.wording import word_scores
from models.scores.score import ScoreInputs
from models.targeting.priority import find_scores
from outreach.errors import ModelError
from outreach.tables import RatedTracts, TractProfiles, Tracts, as_table

COUNT = 400
CHANGED = slice(0, 80)
GEOIDS = pd.Index([f"99001{number:06d}" for number in range(100, 100 + COUNT)], name="geoid")


def draw_profiles(renters: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "households_count": 1000.0,
            "housing_units_count": 1050.0,
            "renter_households_count": 1000 * renters,
        },
        index=GEOIDS,
    )


@pytest.fixture(scope="module")
def decades() -> tuple[pd.DataFrame, pd.DataFrame, "pd.Series[float]"]:
    """Tracts now and then, and their final rates: each renter costs response, and so does place.

    In the first eighty tracts, the share of renters has risen by 30 points since.
    """
    rng = np.random.default_rng(3)
    renters = rng.uniform(0.1, 0.6, COUNT)
    own = rng.normal(0, 0.25, COUNT)

    def respond(share: "np.ndarray[tuple[int], np.dtype[np.float64]]", noise: float) -> "pd.Series":
        return pd.Series(expit(1.6 - 3 * share + own + rng.normal(0, noise, COUNT)), GEOIDS)

    before, last = respond(renters, 0.1), respond(renters, 0.1)
    grown = renters.copy()
    grown[CHANGED] += 0.3
    then = draw_profiles(renters).assign(**{PAST: before})
    return draw_profiles(grown).assign(**{PAST: last}), then, last


def test_a_tract_that_gained_renters_is_expected_to_respond_less(
    decades: tuple[pd.DataFrame, pd.DataFrame, "pd.Series[float]"],
) -> None:
    now, then, last = decades
    expected = expect_next_census(
        as_table(now, TractProfiles), as_table(then, TractProfiles), last
    ).table["final_share"]
    change = logit(expected) - logit(last)
    # Thirty points more renters cost 0.9 on the logit scale, less what survey noise hides.
    assert -1.2 < change.iloc[CHANGED].mean() < -0.45
    assert abs(change.iloc[80:].mean()) < 0.1
    # Past response is the better guide where nobody moved.
    assert np.corrcoef(expected.iloc[80:], last.iloc[80:])[0, 1] > 0.9


def test_ranges_are_ordered_and_hold_the_last_census_as_stated(
    decades: tuple[pd.DataFrame, pd.DataFrame, "pd.Series[float]"],
) -> None:
    now, then, last = decades
    result = expect_next_census(as_table(now, TractProfiles), as_table(then, TractProfiles), last)
    bounds = ["final_low80_share", "final_low50_share", "final_share"]
    bounds += ["final_high50_share", "final_high80_share"]
    assert (np.diff(result.table[bounds].to_numpy(), axis=1) > 0).all()
    assert result.covered80_share == pytest.approx(0.8, abs=0.06)
    assert (result.table["own_error_share"] > 0).all()


def test_without_the_census_before_a_tract_keeps_what_set_it_apart(
    decades: tuple[pd.DataFrame, pd.DataFrame, "pd.Series[float]"],
) -> None:
    now, then, last = decades
    result = expect_next_census(
        as_table(now, TractProfiles), as_table(then.drop(columns=PAST), TractProfiles), last
    )
    assert PAST not in result.used
    assert PAST in result.missing
    assert np.corrcoef(result.table["final_share"].iloc[80:], last.iloc[80:])[0, 1] > 0.99
    assert (result.table["final_share"] - last).iloc[CHANGED].mean() < -0.05


def test_a_tract_without_a_final_rate_is_left_out(
    decades: tuple[pd.DataFrame, pd.DataFrame, "pd.Series[float]"],
) -> None:
    now, then, last = decades
    known = last.iloc[5:]
    result = expect_next_census(as_table(now, TractProfiles), as_table(then, TractProfiles), known)
    assert set(result.table.index) == set(known.index)


def test_too_few_tracts_and_rates_that_are_all_alike_are_refused(
    decades: tuple[pd.DataFrame, pd.DataFrame, "pd.Series[float]"],
) -> None:
    now, then, last = decades
    tables = as_table(now, TractProfiles), as_table(then, TractProfiles)
    with pytest.raises(ModelError, match="59 tracts with a final rate"):
        expect_next_census(*tables, last.iloc[:59])
    with pytest.raises(ModelError, match="same final rate"):
        expect_next_census(*tables, last * 0 + 0.5)


def test_past_response_is_of_all_addresses_whichever_source_has_it() -> None:
    profiles = pd.DataFrame(
        {
            "mail_return_2010_share": [0.8],
            "households_count": [900.0],
            "housing_units_count": [1000.0],
        },
        index=GEOIDS[:1],
    )
    assert rate_past(as_table(profiles, TractProfiles), 2010).iloc[0] == pytest.approx(0.72)
    own = profiles.assign(final_2010_share=0.7)
    assert rate_past(as_table(own, TractProfiles), 2010).iloc[0] == 0.7
    assert rate_past(as_table(profiles, TractProfiles), 2020).isna().all()


def test_a_plan_reads_past_response_once_and_no_rate_of_a_running_season() -> None:
    names = [predictor.name for predictor in list_plan_predictors()]
    assert names[0] == PAST
    assert not {"mail_return_2010_share", "final_2010_share"} & set(names)


def test_a_plan_says_what_it_rests_on_and_reasons_speak_of_the_coming_census(
    decades: tuple[pd.DataFrame, pd.DataFrame, "pd.Series[float]"],
) -> None:
    now, then, last = decades
    years = PlanYears(2030, 2020, 2010)
    tracts = now.drop(columns=PAST).assign(cumulative_share=last, internet_share=last / 2)
    history = then.drop(columns=PAST).assign(final_2010_share=then[PAST])
    assessment = assess_plan(as_table(tracts, Tracts), as_table(history, TractProfiles), years)
    assert assessment.forecast is not None
    assert assessment.peers is not None
    assert assessment.start_band is None
    assert "plan for 2030" in assessment.notes[0]
    assert assessment.provenance["expected_census"] == 2030

    rows = tracts.join(assessment.forecast).assign(gap_share=0.05, final_2020_share=last)
    scores = word_scores(find_scores(), years)
    assert "momentum" not in scores
    inputs = ScoreInputs(("en",), 0.7, None)  # type: ignore[arg-type]  these reasons read no price
    missing, gap = (
        scores[name].reason.explain(as_table(rows, RatedTracts), inputs).iloc[0]  # type: ignore[union-attr]
        for name in ("missing_households", "response_gap")
    )
    assert "households are expected to be missing in 2030, after " in missing
    assert "responded in 2020" in missing
    assert gap == "it is expected 5.0 points below similar places in 2030"
