"""Assess every tract on a data date: peer expectation, forecast, and pace.

This is the one front door of the forecast. It runs the models in order: the peer expectation
(:mod:`models.peers.expect`), fitted on the rates of other blocks on the same day and without what
the tract itself did in the previous census; the forecast to the deadline
(:mod:`models.curves.forecast`); and the recent pace (:mod:`models.curves.pace`). Whatever cannot be
assessed that day is left out, and a note explains why.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd
from threadpoolctl import threadpool_limits

from models.curves.area_range import AreaForecast
from models.curves.caveats import (
    LATE_INFLATION,
    begins_late,
    explain_forecast,
    judge_hindsight,
)
from models.curves.drift import Drift
from models.curves.forecast import Forecast, ForecastWeights, forecast_final, inflate_ranges
from models.curves.pace import draw_start_band, judge_pace
from models.curves.season_file import load_season_model
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories, build_trajectories
from models.features.build import Features, build_features
from models.features.predictors import OWN_PAST, Predictor, leave_own_past_out
from models.peers.drivers import rank_drivers
from models.peers.expect import PeerExpectation, expect_rates
from models.peers.explain import explain_points, find_comparable, give_reasons
from outreach.errors import DataError, ModelError, NothingThere
from outreach.tables import DataFrame, Pace, ResponseRates, TractProfiles, Tracts, as_table

T = TypeVar("T")

#: About how many points of the own-start band are drawn; a reader sees no more.
_BAND_POINTS = 12
#: An 80% band leaves a tenth on either side.
_BAND_SIDE = 0.1
_NO_PEERS = "There is no peer expectation"
_NO_FORECAST = "There is no forecast"


@dataclass(frozen=True)
class Assessment:
    """What the models say about the tracts beyond their rates.

    Attributes
    ----------
    forecast
        As :attr:`models.curves.forecast.Forecast.table` without ``data_date``, including missing
        households at the deadline.
    area
        The rate of all tracts together at the deadline, forecast as one event.
    counties
        The same for each county, by five digits, where there are several.
    peers
        Index ``geoid``: the peer expectation of the data date, ``peer_share`` with
        ``peer_low80_share`` and ``peer_high80_share``; its ``drivers``, in words; ``pace`` and
        ``behind``.
    comparable
        The tracts that are most similar to each: as :func:`models.peers.explain.find_comparable`,
        index ``geoid``, with the rate of the comparable tract, ``cumulative_share``.
    importance
        What the peer expectation is based on: as :func:`models.peers.drivers.rank_drivers`.
    start_band
        What each tract's own start leads to: index ``geoid``, ``data_date``,
        ``start_low80_share``, ``start_high80_share``.
    notes
        Sentences for people: what the assessment is based on, what is left out and why.
    provenance
        Season model, weights, predictors used and missing, for the manifest.
    """

    forecast: pd.DataFrame | None = None
    area: AreaForecast | None = None
    counties: Mapping[str, AreaForecast] = field(default_factory=dict)
    peers: pd.DataFrame | None = None
    comparable: pd.DataFrame | None = None
    importance: pd.DataFrame | None = None
    start_band: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)


def assess_tracts(
    tracts: DataFrame[Tracts],
    rates: DataFrame[ResponseRates],
    *,
    deadline: dt.date | None = None,
    season_model: SeasonModel | None = None,
    weights: ForecastWeights | None = None,
    own: tuple[Predictor, ...] = (),
) -> Assessment:
    """Assess every rated tract on the last date of a rates history.

    Parameters
    ----------
    tracts
        Tracts of one data date.
    rates
        Rates of these tracts from the season's start to that date, as far as archived.
    deadline
        The day the forecast is for. A day after the archived season's end is forecast to that end.
    season_model
        The archived season whose shapes are used; by default the shipped one.
    weights
        How much each source of the forecast counts; by default what was estimated for that day of
        the season.
    own
        Predictors that the area brings itself, besides those of the Bureau.

    Notes
    -----
    Linear algebra runs on one thread. The matrices are small: threads that wait for each other on a
    busy machine made it fifty times slower, and the same input gives the same output on any
    machine.
    """
    with threadpool_limits(limits=1):
        return _assess(tracts, rates, deadline, season_model or load_season_model(), weights, own)


def _assess(
    tracts: DataFrame[Tracts],
    rates: DataFrame[ResponseRates],
    deadline: dt.date | None,
    model: SeasonModel,
    weights: ForecastWeights | None,
    own: tuple[Predictor, ...],
) -> Assessment:
    """Run the models in order; see :func:`assess_tracts`."""
    notes: list[str] = []
    features, expectation = _expect_peers(tracts, notes, own)

    # Forecast along the season, moved to the year of the rates.
    season = model.move(int(rates["data_date"].max().year))
    curves = _try(lambda: build_trajectories(rates, season.start), notes, _NO_FORECAST)
    forecast = None
    if curves is not None:
        forecast = _try(
            lambda: _forecast(curves, season, expectation, tracts, deadline, weights),
            notes,
            _NO_FORECAST,
        )
    season_kind, own_codes = judge_hindsight(model, rates)
    if forecast is not None and curves is not None:
        notes += explain_forecast(forecast, curves, model, season_kind, own_codes, weights)

    # Judge the recent pace.
    pace = None
    if curves is not None:
        pace = _try(lambda: judge_pace(curves, season), notes, "Pace is not judged")

    parts, comparable, importance = [], None, None
    if expectation is not None and features is not None:
        rate = tracts["cumulative_share"].astype(float)
        comparable = _compare_tracts(expectation, features, rate)
        importance = rank_drivers(features, rate)
        parts.append(_describe_peers(expectation, features))
    if pace is not None:
        verdict = pace.table[["pace"]]
        parts.append(verdict.assign(behind=verdict["pace"] == Pace.BEHIND))
    provenance = _gather_provenance(model, expectation, forecast, weights)
    return Assessment(
        forecast=forecast.table.drop(columns="data_date") if forecast else None,
        area=forecast.area if forecast else None,
        counties=forecast.counties if forecast else {},
        peers=pd.concat(parts, axis=1) if parts else None,
        comparable=comparable,
        importance=importance,
        start_band=_draw_band(curves, season) if curves is not None and pace else None,
        notes=tuple(notes),
        provenance=provenance | {"season_kind": season_kind},
    )


def _try(make: Callable[[], T], notes: list[str], consequence: str) -> T | None:
    """Return what a model makes, or note why it cannot."""
    try:
        return make()
    except (ModelError, NothingThere, DataError) as error:
        notes.append(f"{consequence}: {error.what}")
        return None


def _expect_peers(
    tracts: DataFrame[Tracts], notes: list[str], own: tuple[Predictor, ...]
) -> tuple[Features | None, PeerExpectation | None]:
    """Expect the rates of the data date from other blocks."""
    profiles, predictors = as_table(tracts, TractProfiles), (*leave_own_past_out(), *own)
    features = _try(lambda: build_features(profiles, predictors), notes, _NO_PEERS)
    if features is None:
        return None, None
    rate = tracts["cumulative_share"].astype(float)
    return features, _try(lambda: expect_rates(features, rate), notes, _NO_PEERS)


def _forecast(
    curves: Trajectories,
    season: SeasonModel,
    expectation: PeerExpectation | None,
    tracts: DataFrame[Tracts],
    deadline: dt.date | None,
    weights: ForecastWeights | None,
) -> Forecast:
    """Forecast to the deadline, or to the archived season's end if the deadline is later."""
    households = tracts["households_count"].astype(float)
    forecast = forecast_final(
        curves,
        season,
        peers=expectation.table["peer_share"] if expectation is not None else None,
        households=households,
        weights=weights,
        deadline=deadline if deadline is not None and deadline <= season.final else None,
    )
    if begins_late(curves):
        return inflate_ranges(forecast, LATE_INFLATION, households)
    return forecast


def _describe_peers(expectation: PeerExpectation, features: Features) -> pd.DataFrame:
    """Return the peer expectation of the data date with its drivers in words."""
    table = expectation.table[["peer_share", "peer_low80_share", "peer_high80_share"]]
    points = explain_points(expectation.model, features)
    return table.assign(drivers=give_reasons(points, features))


def _compare_tracts(
    expectation: PeerExpectation, features: Features, rate: "pd.Series[float]"
) -> pd.DataFrame:
    """Return the rated tracts that are most similar to each tract, with their rates."""
    rated = list(rate.index[rate.notna()])
    pairs = find_comparable(expectation.model, features, among=rated).set_index("geoid")
    return pairs.assign(cumulative_share=rate.reindex(pairs["comparable"]).to_numpy())


def _draw_band(curves: Trajectories, season: SeasonModel) -> pd.DataFrame | None:
    """Draw the 80% band of each tract's own start from the season model's first day on."""
    days = [day for day in curves.published_days if day >= season.days[0]]
    step = max(len(days) // _BAND_POINTS, 1)
    later = tuple(sorted({*days[step::step], days[-1]} - {days[0]})) if len(days) > 1 else ()
    if not later:
        return None

    band = draw_start_band(
        curves, season, since_day=days[0], days=later, false_alarm_share=_BAND_SIDE
    )
    names = {"start_low_share": "start_low80_share", "start_high_share": "start_high80_share"}
    return band.rename(columns=names)[["data_date", *names.values()]].dropna()


def _gather_provenance(
    model: SeasonModel,
    expectation: PeerExpectation | None,
    forecast: Forecast | None,
    requested: ForecastWeights | None,
) -> dict[str, Any]:
    """Record what the assessment is based on."""
    record: dict[str, Any] = {"season": model.name, "season_provenance": dict(model.provenance)}
    if expectation is not None:
        reason = "a tract behind in 2010 for the same reason would be hidden"
        record |= {
            "predictors_used": list(expectation.used),
            "predictors_missing": expectation.missing,
            "predictors_left_out": dict.fromkeys(OWN_PAST, reason),
        }
    if forecast is not None:
        estimated = f"estimates for day {forecast.day} of the season {model.name}"
        record |= {
            "forecast_weights": str(forecast.weights),
            "forecast_weights_from": "the campaign" if requested else estimated,
            "forecast_day": forecast.day,
            "without_forecast": list(forecast.left_out),
            "season_shift": _describe_drift(forecast.drift),
            "area_forecast": forecast.area.describe() if forecast.area else None,
        }
    return record


def _describe_drift(drift: Drift) -> dict[str, Any]:
    """Record how far the area's season has shifted, and what that does to the ranges."""
    inflated = drift.counties[drift.counties["inflation_factor"] > 1]
    return {
        "earlier_forecasts_compared": drift.misses_count,
        "counties_compared": len(drift.counties),
        "inflated": inflated.round(3).to_dict("index"),
    }
