"""Keep assessments by the content of what they were made from, and use them again.

The forecast depends on the tracts, their rates, the deadline, the season model, and the weights,
not on the budget. A run that changes nothing of these gets what an earlier run computed. Kept
assessments are in ``cache/assessments/`` of the service's folder; a damaged one is computed anew.
"""

import contextlib
import datetime as dt
import json
from pathlib import Path
from typing import Any

import models
import outreach
from flows.steps.kept_files import keep_file
from flows.steps.packed import pack_tables, unpack_tables
from flows.steps.sources.fingerprint import hash_content, hash_folder
from models.assess import Assessment, assess_tracts
from models.curves.area_range import AreaForecast
from models.curves.forecast import ForecastWeights
from models.curves.season_model import SeasonModel
from models.features.predictors import Predictor
from outreach.store import list_versions
from outreach.tables import DataFrame, ResponseRates, Tracts

REUSED = (
    "The forecast is that of an earlier run on the same data and settings, so it was not computed"
    " again."
)
#: Most assessments that are kept; the one that was used longest ago goes first.
_KEPT = 12
_VERSIONS = ("numpy", "pandas", "scikit-learn", "scipy")
_TABLES = ("forecast", "peers", "comparable", "importance", "start_band")


def assess_once(
    folder: Path,
    tracts: DataFrame[Tracts],
    rates: DataFrame[ResponseRates],
    *,
    deadline: dt.date,
    season_model: SeasonModel,
    weights: ForecastWeights | None,
    own: tuple[Predictor, ...] = (),
) -> tuple[Assessment, bool]:
    """Assess the tracts, or take the assessment that was kept for exactly this input.

    Parameters
    ----------
    folder
        Where assessments are kept.
    tracts, rates, deadline, season_model, weights, own
        As :func:`models.assess.assess_tracts` takes them.

    Returns
    -------
    assessment : Assessment
        The same to the last bit, whether computed or kept.
    is_reused : bool
        Whether it was kept.
    """
    code = [hash_folder(Path(package.__path__[0]), "*.py") for package in (models, outreach)]
    versions = list_versions(*_VERSIONS)
    key = hash_content(tracts, rates, deadline, season_model, weights, own, code, versions)
    path = folder / f"{key}.zip"
    kept = _read(path)
    if kept is not None:
        with contextlib.suppress(OSError):
            path.touch()
        return kept, True

    assessment = assess_tracts(
        tracts, rates, deadline=deadline, season_model=season_model, weights=weights, own=own
    )
    _keep(path, assessment)
    return assessment, False


def _keep(path: Path, assessment: Assessment) -> None:
    """Keep an assessment, if it reads back as it is; a full disk keeps nothing."""
    try:
        content = _pack(assessment)
    except (TypeError, ValueError):  # something in it has no form on disk
        return
    again = _unpack(content)
    if again is None or _hash_result(again) != _hash_result(assessment):
        return
    keep_file(path, content, _KEPT)


def _hash_result(assessment: Assessment) -> str:
    """Return a hash of everything that a run writes of an assessment."""
    tables = [getattr(assessment, name) for name in _TABLES]
    return hash_content(
        tables,
        assessment.area,
        dict(assessment.counties),
        assessment.notes,
        json.dumps(assessment.provenance),
    )


def _read(path: Path) -> Assessment | None:
    """Read a kept assessment; ``None`` if there is none or it is damaged."""
    try:
        return _unpack(path.read_bytes())
    except OSError:
        return None


def _pack(assessment: Assessment) -> bytes:
    """Write an assessment as one file."""
    tables = {name: table for name in _TABLES if (table := getattr(assessment, name)) is not None}
    record = {
        "notes": assessment.notes,
        "provenance": assessment.provenance,
        "area": None if assessment.area is None else _list_figures(assessment.area),
        "counties": {code: _list_figures(each) for code, each in assessment.counties.items()},
    }
    return pack_tables(tables, record)


def _unpack(content: bytes) -> Assessment | None:
    """Read what :func:`_pack` wrote; ``None`` if it is damaged in any way."""
    unpacked = unpack_tables(content)
    if unpacked is None:
        return None
    tables, record = unpacked
    try:
        area = record["area"]
        return Assessment(
            **tables,
            area=None if area is None else _restore_area(area),
            counties={code: _restore_area(each) for code, each in record["counties"].items()},
            notes=tuple(record["notes"]),
            provenance=record["provenance"],
        )
    except (ValueError, KeyError, TypeError):
        return None


def _list_figures(area: AreaForecast) -> dict[str, Any]:
    """Return an area's forecast as JSON holds it."""
    return {
        "tracts_count": area.tracts_count,
        "level_share": area.level_share,
        "final_share": area.final_share,
        "bounds": list(area.bounds.items()),
        "inflation_factor": area.inflation_factor,
    }


def _restore_area(figures: dict[str, Any]) -> AreaForecast:
    """Make an area's forecast of what :func:`_list_figures` wrote."""
    bounds = {int(coverage): (low, high) for coverage, (low, high) in figures["bounds"]}
    return AreaForecast(**figures | {"bounds": bounds})
