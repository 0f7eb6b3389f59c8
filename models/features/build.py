"""Build model features from tract profiles, without protected traits."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from sklearn.neighbors import NearestNeighbors

from models.features.predictors import OWN_PAST, PREDICTORS, Predictor, refuse_protected
from outreach.arrays import Floats
from outreach.errors import NothingThere
from outreach.phrasing import write_percent
from outreach.spatial import EARTH_KM, place_on_sphere
from outreach.tables import DataFrame, TractProfiles

#: How many of the nearest tracts a mean around a tract is taken over.
NEIGHBORS = 8
AROUND = "_around"
#: The Bureau's margins of error are 90% (ACS General Handbook 2020, chapter 8).
_MARGIN_TO_SD = 1.645
#: A predictor that more than this share of the tracts lacks is left out.
_MOST_MISSING = 0.5


@dataclass(frozen=True)
class Features:
    """Numbers that a model can read; a row is a tract.

    Attributes
    ----------
    frame
        Index ``geoid``; a column for each predictor, then the means over the nearest tracts
        (``<name>_around``), then ``place_x_km``, ``place_y_km``, ``place_z_km`` (on the sphere, so
        that distances are right in any state). Nothing is missing.
    error_sd
        The same predictors: standard deviation of the sampling error if margins of error are
        given, else 0.
    concept, words
        What each predictor column is about, and what people call it.
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

    @property
    def anchors(self) -> tuple[int, ...]:
        """The column of the tract's past rate, and that of vacancies if it is of occupied homes.

        The 2010 self-response rate is of all addresses, as this season's; the 2010 mail return rate
        is not. None without either.
        """
        final, returned = reversed(OWN_PAST)
        if final in self.used:
            return (self.used.index(final),)
        names = (returned, "vacant_share")
        return tuple(map(self.used.index, names)) if set(names) <= set(self.used) else ()


def build_features(
    tracts: DataFrame[TractProfiles], predictors: Iterable[Predictor] = PREDICTORS
) -> Features:
    """Build features from profiles, with geometry or without.

    Parameters
    ----------
    tracts
        Profiles, or :class:`outreach.tables.Tracts`; ``geometry`` (EPSG:4326) and ``land_km2`` are
        used if they are given.
    predictors
        What to look for. Rates of the running season are never among them.

    Raises
    ------
    DataError
        A predictor reads a protected trait.
    NothingThere
        No predictor has its columns.
    """
    requested = tuple(predictors)
    refuse_protected(requested)
    values, errors, missing = _read_predictors(tracts, requested)
    if not values:
        raise NothingThere(
            "The profiles have no predictor of response.",
            "Pull the planning database or the ACS for these tracts.",
        )

    # Fill gaps with the median.
    own = pd.DataFrame(values, index=tracts.index)
    filled = {str(name): int(count) for name, count in own.isna().sum().items() if count}
    own = own.fillna(own.median())

    # Add the tracts around, and place.
    used = {predictor.name: predictor for predictor in requested if predictor.name in values}
    place = _locate_tracts(tracts)
    homes = tracts.get("housing_units_count")
    around = _average_around(own[[name for name in used if used[name].around]], place, homes)
    near = {name: used[name.removesuffix(AROUND)] for name in map(str, around)}

    concept = {name: predictor.concept for name, predictor in used.items()} | {
        name: f"{predictor.concept} around" for name, predictor in near.items()
    }
    words = {name: predictor.words for name, predictor in used.items()} | {
        name: f"{predictor.words} in the tracts around" for name, predictor in near.items()
    }
    error_sd = pd.DataFrame(errors, index=tracts.index).fillna(0.0)
    error_sd = error_sd.reindex(columns=list(concept), fill_value=0.0)
    frame = own.join(around).join(place)
    return Features(frame, error_sd, concept, words, tuple(used), missing, filled)


def _read_predictors(
    tracts: pd.DataFrame, predictors: tuple[Predictor, ...]
) -> tuple[dict[str, "pd.Series[float]"], dict[str, "pd.Series[float]"], dict[str, str]]:
    """Read values and sampling errors of the predictors, and why others are missing."""
    values, errors, missing = {}, {}, {}
    for predictor in predictors:
        columns = (*predictor.parts, *filter(None, [predictor.whole]))
        absent = [name for name in columns if name not in tracts.columns]
        if absent:
            missing[predictor.name] = f"no column {', '.join(absent)}"
            continue

        value, error = _read_predictor(tracts, predictor)
        gaps = value.isna().mean()
        if gaps > _MOST_MISSING:
            missing[predictor.name] = f"{write_percent(gaps)} of the tracts have no value"
        else:
            values[predictor.name], errors[predictor.name] = value, error
    answered = {predictor.question for predictor in predictors if predictor.name in values} - {""}
    replaced = {predictor.name for predictor in predictors if predictor.question in answered}
    return values, errors, {name: why for name, why in missing.items() if name not in replaced}


def _read_predictor(
    tracts: pd.DataFrame, predictor: Predictor
) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    """Return a predictor and the standard deviation of its sampling error.

    Formulas for sums, proportions, and ratios: ACS General Handbook 2020, chapter 8.
    """
    part = tracts[list(predictor.parts)].astype(float).sum(axis=1, skipna=False)
    part = part.where(np.isfinite(part))
    part_errors = [_read_error(tracts, name) ** 2 for name in predictor.parts]
    part_error = np.sqrt(np.sum(part_errors, axis=0))
    whole, whole_error = pd.Series(1.0, tracts.index), np.zeros(len(tracts))
    if predictor.whole:
        whole = tracts[predictor.whole].astype(float)
        whole, whole_error = whole.where(whole > 0), _read_error(tracts, predictor.whole)

    # The error of a proportion subtracts that of the whole; that of a ratio adds it.
    value = part / whole
    carried = (value.to_numpy() * whole_error) ** 2
    is_share = predictor.form in {"share", "rest"}
    subtracts = is_share & (part_error**2 >= carried)
    squared = np.where(subtracts, part_error**2 - carried, part_error**2 + carried)
    error = pd.Series(np.sqrt(squared), tracts.index) / whole

    if predictor.form == "log":
        positive = value.where(value > 0)
        return np.log(positive), error / positive
    if is_share:
        value = value.clip(0, 1)
    return (1 - value if predictor.form == "rest" else value), error


def _read_error(tracts: pd.DataFrame, name: str) -> Floats:
    """Return a column's standard error from its 90% margin, or 0 without one."""
    if f"{name}_moe" not in tracts:
        return np.zeros(len(tracts))
    return tracts[f"{name}_moe"].fillna(0.0).to_numpy(float) / _MARGIN_TO_SD


def _locate_tracts(tracts: pd.DataFrame) -> pd.DataFrame:
    """Return each tract's center on the sphere, km.

    A tract without a polygon gets the place of the next code with one.
    """
    if "geometry" not in tracts:
        return pd.DataFrame(index=tracts.index)
    center = shapely.centroid(np.asarray(tracts["geometry"].array, dtype=object))
    center[shapely.is_empty(center)] = None
    degrees = pd.DataFrame(
        {"longitude": shapely.get_x(center), "latitude": shapely.get_y(center)}, index=tracts.index
    )

    filled = degrees.sort_index().ffill().bfill().reindex(tracts.index)
    longitude, latitude = filled.to_numpy(float).T
    if np.isnan(longitude).any():
        return pd.DataFrame(index=tracts.index)
    x, y, z = place_on_sphere(latitude, longitude, EARTH_KM).T
    return pd.DataFrame({"place_x_km": x, "place_y_km": y, "place_z_km": z}, index=tracts.index)


def _average_around(
    own: pd.DataFrame, place: pd.DataFrame, homes: "pd.Series[float] | None"
) -> pd.DataFrame:
    """Return each predictor's mean over the nearest tracts, weighted by their homes.

    Only predictors are averaged, never rates.
    """
    count = min(NEIGHBORS, len(own) - 1)
    if place.empty or count < 1:
        return pd.DataFrame(index=own.index)

    search = NearestNeighbors(n_neighbors=count + 1).fit(place.to_numpy())
    nearest = search.kneighbors(return_distance=False, n_neighbors=count)
    weight = np.ones(len(own)) if homes is None else homes.fillna(0).to_numpy(float) + 1.0
    sums = (own.to_numpy()[nearest] * weight[nearest][:, :, None]).sum(1)
    means = sums / weight[nearest].sum(1)[:, None]
    return pd.DataFrame(means, index=own.index, columns=[f"{name}{AROUND}" for name in own])
