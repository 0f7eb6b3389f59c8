"""Keep assessments by the content of what they were made from, and use them again.

The forecast depends on the tracts, their rates, the deadline, the season model, and the weights,
not on the budget. A run that changes nothing of these gets what an earlier run computed. Kept
assessments are in ``cache/assessments/`` of the service's folder; a damaged one is computed anew.
"""

import contextlib
import datetime as dt
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

import models
import outreach
from flows.steps.sources.fingerprint import hash_content, hash_folder
from models.assess import Assessment, assess_tracts
from models.curves.area_range import AreaForecast
from models.curves.forecast import ForecastWeights
from models.curves.season_model import SeasonModel
from outreach.files import write_file
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
) -> tuple[Assessment, bool]:
    """Assess the tracts, or take the assessment that was kept for exactly this input.

    Parameters
    ----------
    folder
        Where assessments are kept.
    tracts, rates, deadline, season_model, weights
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
    key = hash_content(tracts, rates, deadline, season_model, weights, code, versions)
    path = folder / f"{key}.zip"
    kept = _read(path)
    if kept is not None:
        with contextlib.suppress(OSError):
            path.touch()
        return kept, True

    assessment = assess_tracts(
        tracts, rates, deadline=deadline, season_model=season_model, weights=weights
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
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)
        ordered = sorted(path.parent.glob("*.zip"), key=lambda each: -each.stat().st_mtime)
        for old in ordered[_KEPT:]:
            old.unlink()


def _hash_result(assessment: Assessment) -> str:
    """Return a hash of everything that a run writes of an assessment."""
    tables = [getattr(assessment, name) for name in _TABLES]
    return hash_content(
        tables, assessment.area, assessment.notes, json.dumps(assessment.provenance)
    )


def _read(path: Path) -> Assessment | None:
    """Read a kept assessment; ``None`` if there is none or it is damaged."""
    try:
        return _unpack(path.read_bytes())
    except OSError:
        return None


def _pack(assessment: Assessment) -> bytes:
    """Write an assessment as a zip of Parquet tables and a record with their hashes."""
    tables, dtypes = {}, {}
    for name in _TABLES:
        table: pd.DataFrame | None = getattr(assessment, name)
        if table is not None:
            content = io.BytesIO()
            table.to_parquet(content, compression="zstd")
            tables[name] = content.getvalue()
            dtypes[name] = table.dtypes.astype(str).to_dict()
    area = assessment.area
    record = {
        "notes": assessment.notes,
        "provenance": assessment.provenance,
        "dtypes": dtypes,
        "area": None
        if area is None
        else {
            "tracts_count": area.tracts_count,
            "level_share": area.level_share,
            "final_share": area.final_share,
            "bounds": list(area.bounds.items()),
            "inflation_factor": area.inflation_factor,
        },
    }
    text = json.dumps(record).encode()
    parts = {"record.json": text, **tables}
    hashes = {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()}
    pack = io.BytesIO()
    with zipfile.ZipFile(pack, "w") as file:
        for name, part in {**parts, "hashes.json": json.dumps(hashes).encode()}.items():
            file.writestr(name, part)
    return pack.getvalue()


def _unpack(content: bytes) -> Assessment | None:
    """Read what :func:`_pack` wrote; ``None`` if it is damaged in any way."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            hashes: dict[str, str] = json.loads(file.read("hashes.json"))
            parts = {name: file.read(name) for name in hashes}
        if {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()} != hashes:
            return None
        record: dict[str, Any] = json.loads(parts.pop("record.json"))
        tables = {
            name: _restore_types(pd.read_parquet(io.BytesIO(part)), record["dtypes"][name])
            for name, part in parts.items()
        }
        area = record["area"]
        if area is not None:
            bounds = {int(coverage): (low, high) for coverage, (low, high) in area["bounds"]}
            area = AreaForecast(**area | {"bounds": bounds})
        return Assessment(
            **tables, area=area, notes=tuple(record["notes"]), provenance=record["provenance"]
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _restore_types(table: pd.DataFrame, dtypes: dict[str, str]) -> pd.DataFrame:
    """Give the columns that Parquet read as another type the one they had."""
    changed = {name: dtype for name, dtype in dtypes.items() if str(table[name].dtype) != dtype}
    return table.astype(changed)
