"""Fit a season model on an archive of published rates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.curves.drift import calibrate_usual_miss
from models.curves.season_model import SeasonModel
from models.curves.trajectory import build_trajectories
from models.training.calibrate import (
    STATED_DAYS,
    calibrate_intervals,
    calibrate_pace,
    deal_areas,
    measure_held_out,
    weigh_local_trend,
)
from models.training.calibrate_area import (
    calibrate_area_intervals,
    calibrate_own_errors,
    measure_area_intervals,
)
from models.training.folds import (
    Design,
    count_networks,
    fit_network,
    fit_spread,
    forecast_folds,
    spread_folds,
    tabulate_errors,
    weigh_quadratics,
)
from models.training.metro_areas import name_metro_areas
from models.training.quadratic_fit import fit_quadratics
from models.training.sample import collect_sample
from outreach.errors import ModelError
from outreach.rates import Event
from outreach.tables import DataFrame, ResponseRates

_SOURCE = "U.S. Census Bureau, API {year}/dec/responserate, published self-response rates by tract"


@dataclass(frozen=True)
class SeasonFit:
    """A season model and the errors it made on areas it had not seen.

    Attributes
    ----------
    model
        Fitted on all areas.
    held_out
        A row is a tract on a fitted day: ``day``, ``area``, ``level_share``, ``final_share``,
        ``forecast_share``, ``error_share`` (expected), ``county_gain_share``. Each forecast comes
        from networks that saw no tract of its area.
    """

    model: SeasonModel
    held_out: pd.DataFrame


def fit_season(  # noqa: PLR0913  each is a decision that the model's provenance states
    rates: DataFrame[ResponseRates],
    *,
    name: str,
    start: date,
    final: date,
    area: str = "state",
    folds: int = 5,
    members: int = 4,
    hidden: tuple[int, ...] = (24, 12),
    balance: float = 0.5,
    events: Sequence[Event] = (),
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    metro_areas: "pd.Series[str] | None" = None,
) -> SeasonFit:
    """Fit a season model.

    Parameters
    ----------
    rates
        The whole season of many counties.
    name, start, final
        The season's name, day 0, and the day whose rate counts as final (published).
    area
        What is held out as a whole: ``state``, ``county``, or ``metro``
        (:func:`models.training.metro_areas.name_metro_areas`).
    folds
        Number of folds of areas.
    members
        Networks of different seeds and samples, averaged.
    hidden
        Neurons of a network's layers.
    balance
        How far areas count alike in the intervals, whatever their size: see
        :func:`models.intervals.calibrate_groups`.
    events
        Mailings and field operations of that season.
    seed
        The same seed and archive give the same model.
    progress
        Called after each network with how many are fitted and how many there will be.
    metro_areas
        As :func:`models.training.metro_areas.name_metro_areas` takes it. Without it the range of an
        area as one event is calibrated on counties.

    Raises
    ------
    ModelError
        The archive has fewer areas than folds, or no publication on the final day.
    """
    curves = build_trajectories(rates, start)
    final_day = (final - start).days
    if final_day not in curves.published_days:
        raise ModelError(
            f"The archive has no publication on the final day {final}.",
            "Choose a final day that was published.",
        )

    design = Design(area, folds, members, hidden, seed)
    rated = ~np.isnan(curves.cumulative_at(final_day))
    areas = _name_areas(curves.geoid, area, metro_areas)
    fold = deal_areas(areas, folds)
    sample = collect_sample(curves, final_day)
    report = count_networks(folds * (members + 1) + members + 1, progress)

    # Forecast each fold with networks and a quadratic form that saw none of its areas.
    quadratics, curved = fit_quadratics(sample, rated, fold, seed)
    each = np.concatenate([forecast_folds(sample, rated, fold, design, report), curved[None]])
    weight = weigh_quadratics(sample, each, rated)
    spreads = spread_folds(sample, each, weight, rated, fold, design, report)
    held_out = tabulate_errors(curves, sample, each, weight, spreads, areas, rated)

    # Fit on all areas, and calibrate on the held-out errors.
    networks = tuple(
        report(fit_network(sample, rated, hidden, seed + 100 * folds + member))
        for member in range(members)
    )
    origin, measured = _describe_origin(rates, areas, design), measure_held_out(held_out, balance)
    growth_scale = sample.growth_scale
    areas80 = measure_area_intervals(held_out, sample.days, growth_scale, STATED_DAYS, metro_areas)
    model = SeasonModel(
        name=name,
        start=start,
        final=final,
        provenance=origin | measured | {"held_out_area80": areas80},
        features=sample.features,
        days=sample.days,
        feature_mean=sample.mean,
        feature_scale=sample.scale,
        growth_mean=sample.growth_mean,
        growth_scale=growth_scale,
        networks=networks,
        quadratics=quadratics,
        quadratic_weight=weight,
        spread=report(fit_spread(sample, each, weight, rated, seed + folds)),
        intervals=calibrate_intervals(held_out, balance),
        local_weight=np.zeros(len(sample.days)),
        pace=calibrate_pace(curves, held_out, sample.days, sample.growth_mean),
        own_error_factor=calibrate_own_errors(held_out, sample.days),
        area_intervals=calibrate_area_intervals(held_out, sample.days, growth_scale, metro_areas),
        events=tuple(events),
    )
    local_weight = weigh_local_trend(model, held_out)
    usual_miss = calibrate_usual_miss(curves, model, held_out)
    return SeasonFit(replace(model, local_weight=local_weight, usual_miss=usual_miss), held_out)


def _name_areas(
    geoid: pd.Index, area: str, metro_areas: "pd.Series[str] | None"
) -> npt.NDArray[Any]:
    """Return the code of what each tract is held out with."""
    if area == "metro":
        return name_metro_areas(geoid, metro_areas)
    return geoid.str[: 2 if area == "state" else 5].to_numpy(dtype=str)


def _describe_origin(
    rates: pd.DataFrame, areas: npt.NDArray[Any], design: Design
) -> dict[str, Any]:
    """Describe what a model was learned from and how."""
    dates = pd.to_datetime(rates["data_date"])
    counties = {}
    if design.area == "county":
        counties = {"counties": sorted({str(code) for code in areas})}
    return counties | {
        "source": _SOURCE,
        "first_data_date": f"{dates.min():%Y-%m-%d}",
        "last_data_date": f"{dates.max():%Y-%m-%d}",
        "tracts_count": len(areas),
        "states": sorted(set(rates.index.str[:2])),
        "method": (
            f"{design.members} networks of {design.hidden} tanh neurons and a quadratic form,"
            " standardized by day;"
            f" errors from {design.folds} folds of whole areas ({design.area})"
        ),
        "versions": {package: version(package) for package in ("scikit-learn", "numpy")},
    }
