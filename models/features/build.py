"""Features: what is known of a tract before the season as numbers a model can read, protected traits left out."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from sklearn.neighbors import NearestNeighbors

from models.features.predictors import PREDICTORS, Predictor, refuse_protected
from outreach.arrays import Floats
from outreach.errors import NothingThere
from outreach.spatial import EARTH_KM, place_on_sphere

NEIGHBOURS = 8
AROUND = "_around"
_MARGIN_TO_SD = 1.645  # the Bureau's margins are 90 % (ACS General Handbook 2020, chapter 8)
_MOST_MISSING = 0.5


@dataclass(frozen=True)
class Features:
    """Numbers a model can read, one row a tract.

    Attributes
    ----------
    frame
        Index ``geoid``; one column a predictor, then the means over the nearest tracts
        (``<name>_around``), then ``place_x_km``, ``place_y_km``, ``place_z_km`` (on the sphere, so
        that distances hold in any state). Nothing is missing.
    error_sd
        The same predictors: standard deviation of the sampling error where margins of error were
        there, else 0.
    concept, words
        Of each predictor column, what it speaks of and what people call it.
    used
        Predictors in the frame.
    missing
        Predictors that are not, with the reason.
    filled_count
        How many tracts had no value and got the median, for each predictor with such tracts.
    """

    frame: pd.DataFrame
    error_sd: pd.DataFrame
    concept: dict[str, str]
    words: dict[str, str]
    used: tuple[str, ...]
    missing: dict[str, str]
    filled_count: dict[str, int]

    @property
    def places(self) -> int:
        """How many of the last columns are place."""
        return sum(name.startswith("place_") for name in self.frame.columns)

    @property
    def groups(self) -> list[int]:
        """The number of each predictor's concept, in the order of the columns."""
        order = list(dict.fromkeys(self.concept.values()))
        return [order.index(concept) for concept in self.concept.values()]


def build_features(tracts: pd.DataFrame, predictors: Iterable[Predictor] = PREDICTORS) -> Features:
    """Turn profiles, with geometry or without, into features.

    Parameters
    ----------
    tracts
        A ``TractProfiles`` or ``Tracts`` table; ``geometry`` (EPSG:4326) and ``land_km2`` are used
        where they are there.
    predictors
        What to look for. Rates of the running season are never among them.

    Raises
    ------
    DataError
        A predictor reads a protected trait.
    NothingThere
        Not one predictor has its columns.
    """
    wanted = tuple(predictors)
    refuse_protected(wanted)
    values, errors, missing = {}, {}, {}
    for predictor in wanted:
        absent = [
            name
            for name in (*predictor.parts, *filter(None, [predictor.whole]))
            if name not in tracts.columns
        ]
        if absent:
            missing[predictor.name] = f"no column {', '.join(absent)}"
            continue
        value, error = _read(tracts, predictor)
        if value.isna().mean() > _MOST_MISSING:
            missing[predictor.name] = (
                f"{value.isna().mean():.0%} of the tracts have no value".replace("%", " %")
            )
        else:
            values[predictor.name], errors[predictor.name] = value, error
    if not values:
        raise NothingThere(
            "Not one predictor of response is in the profiles.",
            "Pull the planning database or the ACS for these tracts.",
        )
    own = pd.DataFrame(values, index=tracts.index)
    filled = {str(name): int(count) for name, count in own.isna().sum().items() if count}
    own = own.fillna(own.median())
    named = {predictor.name: predictor for predictor in wanted if predictor.name in values}
    place = _locate(tracts)
    around = _mean_around(
        own[[name for name in named if named[name].around]],
        place,
        tracts.get("housing_units_count"),
    )
    near = {name: named[name.removesuffix(AROUND)] for name in map(str, around)}
    concept = {name: each.concept for name, each in named.items()} | {
        name: f"{each.concept} around" for name, each in near.items()
    }
    words = {name: each.words for name, each in named.items()} | {
        name: f"{each.words} in the tracts around" for name, each in near.items()
    }
    error_sd = (
        pd.DataFrame(errors, index=tracts.index)
        .fillna(0.0)
        .reindex(columns=list(concept), fill_value=0.0)
    )
    return Features(
        own.join(around).join(place), error_sd, concept, words, tuple(named), missing, filled
    )


def _read(
    tracts: pd.DataFrame, predictor: Predictor
) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    """Return a predictor and the standard deviation of its sampling error (ACS General Handbook 2020, chapter 8: sums, proportions, ratios)."""
    part = tracts[list(predictor.parts)].astype(float).sum(axis=1, skipna=False)
    part = part.where(np.isfinite(part))
    part_error = np.sqrt(np.sum([_error(tracts, name) ** 2 for name in predictor.parts], axis=0))
    whole, whole_error = pd.Series(1.0, tracts.index), np.zeros(len(tracts))
    if predictor.whole:
        whole = tracts[predictor.whole].astype(float)
        whole, whole_error = whole.where(whole > 0), _error(tracts, predictor.whole)
    value = part / whole
    carried = (value.to_numpy() * whole_error) ** 2
    share = predictor.form in {"share", "rest"}
    squared = np.where(
        share & (part_error**2 >= carried), part_error**2 - carried, part_error**2 + carried
    )
    error = pd.Series(np.sqrt(squared), tracts.index) / whole
    if predictor.form == "log":
        known = value.where(value > 0)
        return np.log(known), error / known
    if share:
        value = value.clip(0, 1)
    return (1 - value if predictor.form == "rest" else value), error


def _error(tracts: pd.DataFrame, name: str) -> Floats:
    """Return a column's standard error from its 90 % margin, 0 where there is none."""
    if f"{name}_moe" not in tracts:
        return np.zeros(len(tracts))
    return tracts[f"{name}_moe"].fillna(0.0).to_numpy(float) / _MARGIN_TO_SD


def _locate(tracts: pd.DataFrame) -> pd.DataFrame:
    """Return each tract's centre on the sphere, km; a tract without a polygon takes the place of the next known code."""
    if "geometry" not in tracts:
        return pd.DataFrame(index=tracts.index)
    centre = shapely.centroid(np.asarray(tracts["geometry"].array, dtype=object))
    centre[shapely.is_empty(centre)] = None
    degrees = pd.DataFrame(
        {"lon": shapely.get_x(centre), "lat": shapely.get_y(centre)}, index=tracts.index
    )
    lon, lat = degrees.sort_index().ffill().bfill().reindex(tracts.index).to_numpy(float).T
    if np.isnan(lon).any():
        return pd.DataFrame(index=tracts.index)
    x, y, z = place_on_sphere(lat, lon, EARTH_KM).T
    return pd.DataFrame({"place_x_km": x, "place_y_km": y, "place_z_km": z}, index=tracts.index)


def _mean_around(
    own: pd.DataFrame, place: pd.DataFrame, homes: "pd.Series[float] | None"
) -> pd.DataFrame:
    """Return each predictor's mean over the nearest tracts, weighted with their homes; of predictors only, never of rates."""
    near = min(NEIGHBOURS, len(own) - 1)
    if place.empty or near < 1:
        return pd.DataFrame(index=own.index)
    found = (
        NearestNeighbors(n_neighbors=near + 1)
        .fit(place.to_numpy())
        .kneighbors(return_distance=False, n_neighbors=near)
    )
    weight = np.ones(len(own)) if homes is None else homes.fillna(0).to_numpy(float) + 1.0
    sums = (own.to_numpy()[found] * weight[found][:, :, None]).sum(1) / weight[found].sum(1)[
        :, None
    ]
    return pd.DataFrame(sums, index=own.index, columns=[f"{name}{AROUND}" for name in own])
