"""A stronger model for users who hold an archive of a past season: trained once on its days, saved, and refused where it does not fit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from models.forecaster import GrowthForecaster
from models.trajectory import Floats, draw_trajectories, read_features
from outreach.errors import ModelError

_FORMAT = 1
#: A stored model is pickled by these; another minor version may read it wrongly without saying so.
_PACKAGES = ("scikit-learn", "numpy")
#: A day is forecast by the model of the nearest trained day, if no further away than this share of it.
_REACH = 0.12


@dataclass(frozen=True)
class SeasonModel:
    """Forecasters by day, trained on an archived season.

    Attributes
    ----------
    forecasters
        Elapsed day -> forecaster of growth from that day, shares.
    features
        Names of the features, in order.
    provenance
        Data dates, areas, versions.
    """

    forecasters: Mapping[int, GrowthForecaster]
    features: tuple[str, ...]
    provenance: Mapping[str, Any]

    def forecast_growth(self, features: pd.DataFrame, day: int) -> pd.DataFrame:
        """Forecast growth to the archived season's end: ``growth_share``, ``error_share``, ``disagreement_share`` by tract.

        Raises
        ------
        ModelError
            The features are not those of the training, or no trained day is near.
        """
        if not set(self.features) <= set(features.columns):
            raise ModelError(
                "The model was trained on other features than those at hand.",
                "Train it again with this version of the service.",
            )
        forecaster = self._forecaster(day)
        known = features[list(self.features)].to_numpy(dtype=float)
        growth = np.clip(forecaster.predict(known), 0.0, 1.0 - features["now_level"].to_numpy(dtype=float))
        figures = {"growth_share": growth, "error_share": forecaster.predict_error(known), "disagreement_share": np.nan}
        return pd.DataFrame(figures, index=features.index)

    def bounds(self, forecast: Floats, error: Floats, day: float, coverage: float) -> tuple[Floats, Floats]:
        """Return lower and upper bounds of the final share."""
        return self._forecaster(day).intervals_.bounds(forecast, error, 0.0, coverage)

    def save(self, path: Path) -> None:
        """Write the model with its provenance. Read such a file only where you trust its writer: it is a pickle."""
        with path.open("wb") as file:
            file.write(json.dumps({"format": _FORMAT} | dict(self.provenance)).encode() + b"\n")
            joblib.dump(self, file, compress=3)

    def _forecaster(self, day: float) -> GrowthForecaster:
        nearest = min(self.forecasters, key=lambda trained: abs(trained - day))
        if abs(nearest - day) > max(1.0, _REACH * day):
            trained = ", ".join(str(d) for d in sorted(self.forecasters))
            raise ModelError(
                f"The model knows no day near {day:g}; it was trained for {trained}.", "Train it for that day."
            )
        return self.forecasters[nearest]


def train_season_model(
    rates: pd.DataFrame,
    *,
    start: date,
    final: date,
    days: Sequence[int],
    area: str = "state",
    whole_states: bool = False,
    forecaster: GrowthForecaster | None = None,
) -> SeasonModel:
    """Train a model on an archived season.

    Parameters
    ----------
    rates
        ``ResponseRates`` of the whole season.
    start, final
        Day 0, and the (published) day whose rate counts as final.
    days
        Elapsed days to be able to forecast from.
    area
        What the intervals hold for when unseen: ``state`` or ``county``.
    whole_states
        Use the states' means too. Better, but then every forecast needs the rates of whole states, not of a city alone.
    forecaster
        Parameters of the estimator; its defaults where not given.

    Raises
    ------
    ModelError
        A day was not published.
    """
    curves = draw_trajectories(rates, start)
    unpublished = sorted({(final - start).days, *days} - set(curves.published_days))
    if unpublished:
        raise ModelError(f"The archive has no publication of day {unpublished[0]}.", "Choose days that were published.")
    ended = curves.cumulative_at((final - start).days)
    areas = curves.geoid.str[: 2 if area == "state" else 5].to_numpy(dtype=str)
    trained: dict[int, GrowthForecaster] = {}
    names: tuple[str, ...] = ()
    for day in sorted(set(days)):
        features = read_features(curves.until(day), day)
        if not whole_states:
            features = features.drop(columns=features.filter(regex="^state_").columns)
        known = np.isfinite(ended) & features["now_level"].notna().to_numpy()
        growth = ended - curves.cumulative_at(day)
        estimator = GrowthForecaster(**(forecaster.get_params() if forecaster else {}))
        trained[day] = estimator.fit(features.to_numpy(dtype=float)[known], growth[known], groups=areas[known])
        names = tuple(features.columns)
    dates = pd.to_datetime(rates["data_date"])
    provenance = {
        "season": str(final.year), "first_data_date": f"{dates.min():%Y-%m-%d}", "last_data_date": f"{dates.max():%Y-%m-%d}",
        "held_out": area, "whole_states": whole_states, "areas": sorted(set(areas)), "tracts_count": len(areas),
        "days": sorted(trained), "versions": _tell_versions(),
    }  # fmt: skip
    return SeasonModel(trained, names, provenance)


def load_season_model(path: Path) -> SeasonModel:
    """Read a model that :meth:`SeasonModel.save` wrote.

    Raises
    ------
    ModelError
        The file is not such a model, or was written by other versions of its libraries.
    """
    here = _tell_versions()
    with path.open("rb") as file:
        try:
            told = json.loads(file.readline())
            written = told["versions"] if told["format"] == _FORMAT else None
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{path.name} is not a trained season model.", "Train it again.") from error
        if written != here:
            raise ModelError(
                f"{path.name} was trained with {written}, here is {here}.",
                "Train it again, or use the versions it was trained with.",
            )
        model = joblib.load(file)
    if not isinstance(model, SeasonModel):
        raise ModelError(f"{path.name} holds no trained season model.", "Train it again.")
    return model


def _tell_versions() -> dict[str, str]:
    return {package: version(package) for package in _PACKAGES}
