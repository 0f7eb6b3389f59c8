"""Assess every tract for a census that has not begun: what to expect of it, and why."""

from dataclasses import asdict
from typing import Any, NamedTuple

import pandas as pd
from threadpoolctl import threadpool_limits

from models.assess import Assessment
from models.curves.forecast import count_missing_at_deadline
from models.features.build import Features, build_features
from models.features.predictors import Predictor, leave_own_past_out
from models.peers.drivers import rank_drivers
from models.peers.expect import PeerExpectation, expect_rates
from models.peers.explain import explain_points, find_comparable, give_reasons
from models.planning.expect_next import NextCensus, expect_next_census
from models.planning.past import PAST, rate_past
from outreach.errors import ModelError, NothingThere
from outreach.phrasing import write_percent, write_points
from outreach.tables import DataFrame, TractProfiles, Tracts, as_table


class PlanYears(NamedTuple):
    """The census that is planned for, the last one, and the one before that."""

    coming: int
    last: int
    before: int


def assess_plan(
    tracts: DataFrame[Tracts],
    then: DataFrame[TractProfiles],
    years: PlanYears,
    own: tuple[Predictor, ...] = (),
) -> Assessment:
    """Assess what to expect of the next census in every tract with a final rate in the last one.

    Parameters
    ----------
    tracts
        Tracts with who lives there now; ``cumulative_share`` is the final rate of the last census.
    then
        Who lived in the same tracts on the eve of the last census, with past response of then.
    years
        The three censuses.
    own
        Predictors that the area brings itself; those that ``then`` lacks compare tracts of today
        and are not carried over.

    Returns
    -------
    Assessment
        ``forecast`` has what to expect, with ranges; ``peers`` what similar tracts are expected to
        reach, with drivers. There is no pace, band, or range of the area.

    Raises
    ------
    ModelError
        Too few tracts have a final rate.
    NothingThere
        No predictor is known both now and then.

    Notes
    -----
    Linear algebra runs on one thread, as in :mod:`models.assess`.
    """
    with threadpool_limits(limits=1):
        final = tracts["cumulative_share"].astype(float)
        before = then.assign(**{PAST: rate_past(then, years.before)})
        expected = expect_next_census(
            as_table(tracts.assign(**{PAST: final}), TractProfiles),
            as_table(before, TractProfiles),
            final,
            own=own,
        )
        households = tracts["households_count"].astype(float)
        forecast = count_missing_at_deadline(expected.table, households)
        return _explain(tracts, forecast, expected, years, own)


def _explain(
    tracts: DataFrame[Tracts],
    forecast: pd.DataFrame,
    expected: NextCensus,
    years: PlanYears,
    own: tuple[Predictor, ...],
) -> Assessment:
    """Add what similar tracts are expected to reach, and what drives it."""
    rate = forecast["final_share"].reindex(tracts.index)
    notes = [_describe_method(expected, years)]
    provenance: dict[str, Any] = {
        "phase": "planning",
        "expected_census": years.coming,
        "last_census": years.last,
        "predictors_used": list(expected.used),
        "predictors_missing": expected.missing,
        "error_points_of_the_last_census": round(expected.error_points, 2),
        "covered80_share_of_the_last_census": round(expected.covered80_share, 3),
    }
    if expected.areas is not None:
        provenance["area_errors"] = {
            name: round(figure, 5) for name, figure in asdict(expected.areas).items()
        }
    try:
        predictors = (*leave_own_past_out(), *own)
        features = build_features(as_table(tracts, TractProfiles), predictors)
        peers = expect_rates(features, rate)
    except (ModelError, NothingThere) as error:
        notes.append(f"There is no comparison with similar tracts: {error.what}")
        return Assessment(forecast=forecast, notes=tuple(notes), provenance=provenance)
    return Assessment(
        forecast=forecast,
        peers=_describe_peers(peers, features),
        comparable=_compare_tracts(peers, features, rate),
        importance=rank_drivers(features, rate),
        notes=tuple(notes),
        provenance=provenance,
    )


def _describe_method(expected: NextCensus, years: PlanYears) -> str:
    """Say what the expectation rests on, and how well it would have done the last time."""
    past = (
        f"the final rate of {years.last}, as far as that of {years.before} told the one of"
        f" {years.last},"
        if PAST in expected.used
        else f"the final rate of {years.last} alone, because no source has that of {years.before},"
    )
    return (
        f"This is a plan for {years.coming}, made before any rate of that census is published. What"
        f" to expect rests on {past} and on who lives in each tract now. Expected the same way from"
        f" what was known before {years.last}, the final rates of {years.last} were missed by"
        f" {write_points(expected.error_points / 100, 2)} on average, and"
        f" {write_percent(expected.covered80_share)} of them lay in their 80% range. The ranges"
        " assume that response changes no more by then than it did in the ten years before."
    )


def _describe_peers(peers: PeerExpectation, features: Features) -> pd.DataFrame:
    """Return what similar tracts are expected to reach, with its drivers in words."""
    table = peers.table[["peer_share", "peer_low80_share", "peer_high80_share"]]
    return table.assign(drivers=give_reasons(explain_points(peers.model, features), features))


def _compare_tracts(
    peers: PeerExpectation, features: Features, rate: "pd.Series[float]"
) -> pd.DataFrame:
    """Return the tracts that are most similar to each tract, with what is expected of them."""
    rated = list(rate.index[rate.notna()])
    pairs = find_comparable(peers.model, features, among=rated).set_index("geoid")
    return pairs.assign(cumulative_share=rate.reindex(pairs["comparable"]).to_numpy())
