"""Assessment: what is to be expected and forecast of each tract on a data date, and whether it keeps pace, as the scores take it.

It puts the models in their order: expectation from places like it (:mod:`models.peers.expect`,
fitted on the rates of other blocks on the same day, and blind to what the tract itself did in the
census before), forecast to the deadline (:mod:`models.curves.forecast`), pace of late
(:mod:`models.curves.pace`). Whatever cannot be said that day is left out and named.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pandas as pd
from threadpoolctl import threadpool_limits

from models.curves.drift import Drift
from models.curves.forecast import Forecast, ForecastWeights, forecast_final
from models.curves.pace import draw_expected_curves, judge_pace
from models.curves.season_model import SeasonModel, load_season_model
from models.curves.trajectory import Trajectories, draw_trajectories
from models.features.build import Features, build_features
from models.features.predictors import OWN_PAST, leave_own_past_out
from models.peers.expect import PeerExpectation, expect_rates
from models.peers.explain import explain_points, find_comparable, give_reasons, rank_drivers
from outreach.errors import DataError, ModelError, NothingThere
from outreach.tables import Pace

T = TypeVar("T")

#: About so many points of the expected band are drawn; a reader sees no more.
_BAND_POINTS = 12
#: A season's shape is read from its first days; an archive that begins later than this many days
#: after the start does not have them.
_LATE_DAYS = 7
#: Without the first days the intervals of the forecast would hold less than they say (24 to 85 %
#: instead of 80 %). Widened by this they hold: the largest factor needed on five days (15 April to
#: 1 September 2020) in five states (08, 13, 17, 42, 53), archives beginning 30 March or later.
_LATE_WIDENING = 2.2
#: Ranges that widen by less are not worth a note; the manifest has them.
_TOLD_WIDENING = 1.1
_BAND_SIDE = 0.1  # an 80 % band leaves a tenth on either side


@dataclass(frozen=True)
class Assessment:
    """What can be said of the tracts beyond their rates.

    Attributes
    ----------
    forecast
        As :attr:`models.curves.forecast.Forecast.table`; missing households at the deadline
        included.
    peers
        Index ``geoid``: ``peer_share`` with ``peer_low80_share`` and
        ``peer_high80_share``, what places like it have on this day; ``behind`` and ``pace``;
        ``drivers``, in words.
    comparable
        The tracts that the expectation takes to be most like each: as
        :func:`models.peers.explain.find_comparable`, index ``geoid``, with the rate of the
        comparable tract, ``cumulative_share``.
    importance
        What the expectation rests on: as :func:`models.peers.explain.rank_drivers`.
    start_band
        What each tract's own start let expect: index ``geoid``, ``data_date``,
        ``start_low80_share``, ``start_high80_share``.
    notes
        Sentences for people: what it rests on, what could not be said and why.
    provenance
        SeasonModel, weights, predictors used and missing, for the manifest.
    """

    forecast: pd.DataFrame | None = None
    peers: pd.DataFrame | None = None
    comparable: pd.DataFrame | None = None
    importance: pd.DataFrame | None = None
    start_band: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)


def assess_tracts(
    tracts: pd.DataFrame,
    history: pd.DataFrame,
    *,
    deadline: dt.date | None = None,
    season: SeasonModel | None = None,
    weights: ForecastWeights | None = None,
) -> Assessment:
    """Say what can be said of every rated tract on the last date of ``history``.

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts` of one data date.
    history
        :class:`outreach.tables.ResponseRates` of these tracts from the season's start to that date,
        as far as the archive has them.
    deadline
        The day the forecast is for; one after the archived season's end is forecast to that end.
    season
        The archived season whose shapes are used; the shipped one where not given.
    weights
        How much each source of the forecast counts, where the planner sets it; what was estimated
        for that day of the season where not given.

    Notes
    -----
    Linear algebra runs on one thread: the matrices are small, threads that wait for each other on a busy machine made it fifty times slower, and
    the same input gives the same output wherever it runs.
    """
    with threadpool_limits(limits=1):
        return _assess_tracts(tracts, history, deadline, season or load_season_model(), weights)


def _assess_tracts(
    tracts: pd.DataFrame,
    history: pd.DataFrame,
    deadline: dt.date | None,
    fitted: SeasonModel,
    weights: ForecastWeights | None,
) -> Assessment:
    """Do the work of :func:`assess_tracts`."""
    said: list[str] = []
    features = _try(
        lambda: build_features(tracts, leave_own_past_out()),
        said,
        "There is no expectation from places alike",
    )
    rate = tracts["cumulative_share"].astype(float)
    expected = None
    if features is not None:
        expected = _try(
            lambda: expect_rates(features, rate),
            said,
            "There is no expectation from places alike",
        )
    season = fitted.move(int(history["data_date"].max().year))
    kind, own = _judge_hindsight(fitted, history)
    curves = _try(lambda: draw_trajectories(history, season.start), said, "There is no forecast")
    forecast = None
    if curves is not None:
        forecast = _try(
            lambda: _forecast(curves, season, expected, tracts, deadline, weights),
            said,
            "There is no forecast",
        )
    if forecast is not None and curves is not None and curves.published_days[0] > _LATE_DAYS:
        begin = season.start + dt.timedelta(days=curves.published_days[0])
        said.append(
            f"The archive begins on {begin}, after the season's first days, so the forecast is less sure and its ranges are {_LATE_WIDENING} times"
            " as wide; 'outreach archive import' brings earlier days in."
        )
    if forecast is not None:
        said.extend(
            [*_tell_drift(forecast.drift, fitted.name), *_tell_weights(forecast.weights, weights)]
        )
    if forecast is not None and own:
        more = f" and {len(own) - 3} more" if len(own) > 3 else ""  # noqa: PLR2004  three codes are enough to see
        said.append(
            f"Hindsight: the season {fitted.name} behind the forecast was fitted on final rates of this very season, those of FIPS"
            f" {', '.join(own[:3])}{more} among them. It shows how the service works and promises nothing."
        )
    pace = (
        _try(lambda: judge_pace(curves, season), said, "Pace is not judged")
        if curves is not None
        else None
    )
    parts, comparable, importance = [], None, None
    if expected is not None and features is not None:
        comparable = _compare_tracts(expected, features, rate)
        importance = rank_drivers(features, rate)
        parts.append(_describe_expected(expected, features))
    if pace is not None:
        parts.append(pace.table[["pace"]].assign(behind=pace.table["pace"] == Pace.BEHIND))
    return Assessment(
        forecast=forecast.table.drop(columns="data_date") if forecast else None,
        peers=pd.concat(parts, axis=1) if parts else None,
        comparable=comparable,
        importance=importance,
        start_band=_draw_band(curves, season) if curves is not None and pace is not None else None,
        notes=tuple(said),
        provenance=_gather_provenance(fitted, expected, forecast, weights) | {"season_kind": kind},
    )


def _try(make: Callable[[], T], said: list[str], lost: str) -> T | None:
    """Return what a model makes, or note why it cannot."""
    try:
        return make()
    except (ModelError, NothingThere, DataError) as error:
        said.append(f"{lost}: {error.what}")
        return None


def _judge_hindsight(season: SeasonModel, history: pd.DataFrame) -> tuple[str, list[str]]:
    """Say whether the season was fitted on final rates of the very season that is forecast, and of which of the area's own states."""
    if int(history["data_date"].max().year) != season.start.year:
        return "ex ante", []
    learned = season.provenance.get("counties") or season.provenance.get("states") or []
    own = sorted(set(learned) & {*history.index.str[:2], *history.index.str[:5]})
    return (
        "hindsight, the area's own final rates among them" if own else "hindsight, of other places"
    ), own


def _tell_weights(used: ForecastWeights, asked: ForecastWeights | None) -> list[str]:
    """Say where the weights that the planner set could not be used."""
    if asked is None or used == asked:
        return []
    return [
        f"The forecast's weights are {used}: what [forecast] gives to a source that is not there today counts for the trajectory."
    ]


def _tell_drift(drift: Drift, season: str) -> list[str]:
    """Say where ranges widen because the season so far is unlike the archived one."""
    wide = drift.counties[drift.counties["inflation_factor"] >= _TOLD_WIDENING]
    if wide.empty:
        return []
    where, up_to = "", ""
    if len(drift.counties) > 1:
        where, up_to = (
            f" in {len(wide)} of {len(drift.counties)} counties, most of all in {wide.index[0]}",
            "up to ",
        )
    times, wider = wide.iloc[0]
    earlier = "what the model would have said on earlier days for days that have come since"
    why = f"This season is unlike that of {season}{where}: {earlier} missed by {times:.1f} times the usual."
    return [f"{why} So the ranges of the forecast are {up_to}{wider:.1f} times as wide."]


def _forecast(
    curves: Trajectories,
    season: SeasonModel,
    expected: PeerExpectation | None,
    tracts: pd.DataFrame,
    deadline: dt.date | None,
    weights: ForecastWeights | None,
) -> Forecast:
    """Forecast to the deadline, or to the archived season's end where the deadline is later."""
    reached = deadline if deadline is not None and deadline <= season.final else None
    known = expected.table["peer_share"] if expected is not None else None
    households = tracts["households_count"].astype(float)
    forecast = forecast_final(
        curves, season, expectation=known, households=households, weights=weights, deadline=reached
    )
    if curves.published_days[0] <= _LATE_DAYS:
        return forecast
    return replace(forecast, table=_widen(forecast.table, households))


def _widen(table: pd.DataFrame, households: "pd.Series[float]") -> pd.DataFrame:
    """Widen every interval of a forecast that was made without the season's first days."""
    wide, middle = table.copy(), table["final_share"]
    for level in (50, 80):
        low, high = f"final_low{level}_share", f"final_high{level}_share"
        wide[low] = (middle - _LATE_WIDENING * (middle - table[low])).clip(
            lower=table["level_share"]
        )
        wide[high] = (middle + _LATE_WIDENING * (table[high] - middle)).clip(upper=1.0)
    if "missing_at_deadline_count" in wide:
        known = households.reindex(wide.index)
        wide["missing_at_deadline_low80_count"] = known * (1 - wide["final_high80_share"])
        wide["missing_at_deadline_high80_count"] = known * (1 - wide["final_low80_share"])
    return wide


def _describe_expected(expected: PeerExpectation, features: Features) -> pd.DataFrame:
    """Return the expectation of the day with the drivers that made it, in words."""
    table = expected.table[["peer_share", "peer_low80_share", "peer_high80_share"]]
    return table.assign(drivers=give_reasons(explain_points(expected.model, features), features))


def _compare_tracts(
    expected: PeerExpectation, features: Features, rate: "pd.Series[float]"
) -> pd.DataFrame:
    """Return the tracts with a rate that are most like each, with these rates."""
    pairs = find_comparable(
        expected.model, features, among=list(rate.index[rate.notna()])
    ).set_index("geoid")
    return pairs.assign(cumulative_share=rate.reindex(pairs["comparable"]).to_numpy())


def _draw_band(curves: Trajectories, season: SeasonModel) -> pd.DataFrame | None:
    """Draw the 80 % band of each tract's curve from the first day the season knows."""
    days = [day for day in curves.published_days if day >= season.days[0]]
    step = max(len(days) // _BAND_POINTS, 1)
    later = tuple(sorted({*days[step::step], days[-1]} - {days[0]})) if len(days) > 1 else ()
    if not later:
        return None
    band = draw_expected_curves(
        curves, season, since_day=days[0], days=later, false_alarm_share=_BAND_SIDE
    )
    band = band.rename(
        columns={
            "start_low_share": "start_low80_share",
            "start_high_share": "start_high80_share",
        }
    )
    return band[["data_date", "start_low80_share", "start_high80_share"]].dropna()


def _gather_provenance(
    season: SeasonModel,
    expected: PeerExpectation | None,
    forecast: Forecast | None,
    weights: ForecastWeights | None,
) -> dict[str, Any]:
    """Write down what the assessment rests on."""
    told: dict[str, Any] = {"season": season.name, "season_provenance": dict(season.provenance)}
    if expected is not None:
        told |= {
            "predictors_used": list(expected.used),
            "predictors_missing": expected.missing,
            "predictors_left_out": dict.fromkeys(
                OWN_PAST, "a tract behind in 2010 for the same reason would be hidden"
            ),
        }
    if forecast is not None:
        told |= {
            "forecast_weights": str(forecast.weights),
            "forecast_weights_from": "the campaign"
            if weights
            else f"estimates for day {forecast.day} of the season {season.name}",
            "forecast_day": forecast.day,
            "without_forecast": list(forecast.left_out),
            "season_shift": _describe_drift(forecast.drift),
        }
    return told


def _describe_drift(drift: Drift) -> dict[str, Any]:
    """Write down how unlike the archived season the area's is, and what that does to the ranges."""
    return {
        "earlier_forecasts_compared": drift.misses_count,
        "counties_compared": len(drift.counties),
        "inflated": drift.counties[drift.counties["inflation_factor"] > 1]
        .round(3)
        .to_dict("index"),
    }
