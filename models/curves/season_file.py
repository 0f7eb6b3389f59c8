"""Save and load season models as JSON."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from models.curves.network import Network
from models.curves.quadratic import Quadratics
from models.curves.season_model import SPREAD_INPUTS, TIME_INPUTS, SeasonModel
from models.curves.usual_miss import UsualMiss
from models.intervals import IntervalTable
from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.files import describe_damage, write_file
from outreach.rates import Event

#: Folder of the season models that ship with the service.
SEASONS = Path(__file__).parent / "seasons"
#: The file format that this version reads and writes.
FORMAT = 2
#: What a model's provenance must state.
_PROVENANCE = {"first_data_date", "last_data_date", "states", "tracts_count"}
#: Arrays of a model that are stored as plain lists.
_ARRAYS = (
    "days",
    "feature_mean",
    "feature_scale",
    "growth_mean",
    "growth_scale",
    "local_weight",
    "own_error_factor",
    "quadratic_weight",
)


def save_season_model(model: SeasonModel, path: Path) -> None:
    """Write a season model as JSON, with every figure rounded to its precision."""
    stored = {
        "format": FORMAT,
        "name": model.name,
        "start": model.start.isoformat(),
        "final": model.final.isoformat(),
        "provenance": dict(model.provenance),
        "events": [_store_event(event) for event in model.events],
        "features": list(model.features),
        "days": [int(day) for day in model.days],
        "feature_mean": np.round(model.feature_mean, 4).tolist(),
        "feature_scale": np.round(model.feature_scale, 4).tolist(),
        "growth_mean": np.round(model.growth_mean, 5).tolist(),
        "growth_scale": np.round(model.growth_scale, 5).tolist(),
        "networks": [network.to_json() for network in model.networks],
        "quadratics": model.quadratics.to_json(),
        "quadratic_weight": np.round(model.quadratic_weight, 2).tolist(),
        "spread": model.spread.to_json(),
        "intervals": model.intervals.to_json(),
        "local_weight": np.round(model.local_weight, 2).tolist(),
        "own_error_factor": np.round(model.own_error_factor, 3).tolist(),
        "pace": model.pace.to_json(),
        "usual_miss": model.usual_miss.to_json() if model.usual_miss else None,
        "area_intervals": model.area_intervals.to_json() if model.area_intervals else None,
    }
    write_file(path, json.dumps(stored, separators=(",", ":")) + "\n")


def load_season_model(season: str | Path = "2020") -> SeasonModel:
    """Read a season model.

    Parameters
    ----------
    season
        Name of a shipped one, or the path of a file written by :func:`save_season_model`.

    Raises
    ------
    ModelError
        There is no such file, it is not a season model, or it has another format.
    """
    path = season if isinstance(season, Path) else SEASONS / f"{season}.json"
    if not path.is_file():
        shipped = ", ".join(sorted(file.stem for file in SEASONS.glob("*.json")))
        raise ModelError(
            f"There is no season model '{season}'.",
            f"The service ships with {shipped}. Or pass the path of a trained season model.",
        )

    todo = "Train it again, or use a shipped one."
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise ModelError(f"The season model {path} cannot be read: {reason}.", todo) from error
    try:
        stored = json.loads(content)
        if stored["format"] != FORMAT:
            raise ModelError(
                f"The season model {path.name} has format {stored['format']};"
                f" this version reads format {FORMAT}.",
                "Train it again.",
            )
        model = _read_model(stored)
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ModelError(
            f"The file {path} is not a season model: {describe_damage(content)}.", todo
        ) from error
    try:
        _check_shapes(model)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        reason = str(error) if isinstance(error, ValueError) else describe_damage(content)
        raise ModelError(f"The file {path} is not a season model: {reason}.", todo) from error
    return model


def _read_model(stored: Mapping[str, Any]) -> SeasonModel:
    """Build a model from what a file contains."""
    arrays: dict[str, Floats] = {name: np.array(stored[name], dtype=float) for name in _ARRAYS}
    usual_miss, area_intervals = stored["usual_miss"], stored["area_intervals"]
    return SeasonModel(
        name=stored["name"],
        start=date.fromisoformat(stored["start"]),
        final=date.fromisoformat(stored["final"]),
        provenance=stored["provenance"],
        features=tuple(stored["features"]),
        **arrays,
        networks=tuple(Network.from_json(network) for network in stored["networks"]),
        quadratics=Quadratics.from_json(stored["quadratics"]),
        spread=Network.from_json(stored["spread"]),
        intervals=IntervalTable.from_json(stored["intervals"]),
        pace=IntervalTable.from_json(stored["pace"]),
        events=tuple(_read_event(event) for event in stored["events"]),
        usual_miss=UsualMiss.from_json(usual_miss) if usual_miss else None,
        area_intervals=IntervalTable.from_json(area_intervals) if area_intervals else None,
    )


def _store_event(event: Event) -> dict[str, str]:
    """Return an event as text."""
    return {
        "name": event.name,
        "first": event.first.isoformat(),
        "last": event.last.isoformat(),
        "status": event.status,
        "source": event.source,
    }


def _read_event(stored: Mapping[str, str]) -> Event:
    """Read what :func:`_store_event` wrote."""
    return Event(
        stored["name"],
        date.fromisoformat(stored["first"]),
        date.fromisoformat(stored["last"]),
        stored["status"],
        stored["source"],
    )


def _check_shapes(model: SeasonModel) -> None:
    """Refuse parameters that do not fit each other, because they would forecast wrong figures."""
    days, features = len(model.days), len(model.features)
    if not model.networks or not days or (np.diff(model.days) <= 0).any():
        raise ValueError("there is no network, or the days are out of order")
    if not set(model.provenance) >= _PROVENANCE:
        raise ValueError("the provenance lacks dates, states, or the number of tracts")

    shapes = {
        "feature_mean": (days, features),
        "feature_scale": (days, features),
        "growth_mean": (days,),
        "growth_scale": (days,),
        "local_weight": (days,),
        "own_error_factor": (days,),
        "quadratic_weight": (days,),
    }
    for name, expected in shapes.items():
        figures = getattr(model, name)
        if figures.shape != expected or not np.isfinite(figures).all():
            raise ValueError(f"{name} does not have the shape {expected}, or is not finite")

    tables = {"intervals": model.intervals, "pace": model.pace}
    if model.area_intervals is not None:
        tables["area_intervals"] = model.area_intervals
    for name, table in tables.items():
        shape = (len(table.days), table.cuts.shape[1] + 1, len(table.levels))
        if table.quantiles.shape != shape or not np.isfinite(table.quantiles).all():
            raise ValueError(f"the quantiles of {name} do not fit days, groups, and levels")

    _check_members(model, features)


def _check_members(model: SeasonModel, features: int) -> None:
    """Refuse networks and quadratic forms that take other inputs than the model has."""
    if model.quadratics.features != features:
        raise ValueError("the quadratic forms have other inputs than the features")
    inputs = features + TIME_INPUTS
    if {network.inputs for network in model.networks} != {inputs}:
        raise ValueError("the networks have other inputs than the features")
    if model.spread.inputs != inputs + SPREAD_INPUTS:
        raise ValueError("the spread has other inputs than the features")
