"""Name the places of reports alike, and match them with the units of a list."""

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from outreach.delivery.blanks import is_blank
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, Ground, UnitKind

_ZIP = re.compile(r"(?:US:)?(\d{5})(?:-\d{4})?(?:\s*[,|].*)?")
_SHORT_ZIP = re.compile(r"\d{3,4}")
_TRACT = re.compile(r"(?:1400000US)?(\d{11})")
#: A circle as files for Google Ads Editor have it, such as ``(1km:41.740077:-39.955451)``.
_CIRCLE = re.compile(r"\(?[\d.]+ ?(?:km|mi|kilometers|miles):(-?\d+\.?\d*):(-?\d+\.?\d*)\)?")
_POINT = re.compile(r"\(?(-?\d+\.\d+) ?[,;:] ?(-?\d+\.\d+)\)?")
#: Two points are the same if they agree to so many decimals of a degree (about 11 m).
_DECIMALS = 4
#: Words of platforms for a place that they do not tell.
_UNKNOWN = frozenset({"unknown", "unspecified", "not available", "(not set)", "other"})


def name_place(text: str, column: str = "") -> str:
    """Return the place of a report under its own name, whatever the platform writes around it.

    ``60608``, ``60608-1234``, ``US:60608``, and ``60608, Illinois, United States`` are ``60608``. A
    circle is its point, ``latitude,longitude``.

    Parameters
    ----------
    text
        The cell.
    column
        The name of its column: a ZIP that lost its zeros is mended where the column says ZIP.

    Returns
    -------
    str
        Other places as they are; empty where the report names none.
    """
    if is_blank(text) or text.casefold() in _UNKNOWN:
        return ""
    if found := _TRACT.fullmatch(text):
        return found[1]
    if found := _ZIP.fullmatch(text):
        return found[1]
    if _SHORT_ZIP.fullmatch(text) and re.search(r"zip|postal", column, re.IGNORECASE):
        return text.zfill(5)
    if found := _CIRCLE.fullmatch(text) or _POINT.fullmatch(text):
        return _name_point(float(found[1]), float(found[2]))
    return " ".join(text.split())


def match_places(places: "pd.Series[str]", targets: DataFrame[Targets]) -> "pd.Series[str]":
    """Return the unit of each place; empty where no unit has that name.

    Parameters
    ----------
    places
        From :func:`name_place`.
    targets
        The list: units bought, held out, and in buffers.
    """
    units: dict[str, str] = {}
    for unit_id, row in zip(
        targets.index,
        targets[["kind", "place", "label", "latitude", "longitude"]].itertuples(index=False),
        strict=True,
    ):
        kind, place, label, latitude, longitude = row
        names = [unit_id, place, label]
        if kind == UnitKind.PIN and pd.notna(latitude) and pd.notna(longitude):
            names.append(_name_point(float(latitude), float(longitude)))
        for name in names:
            units.setdefault(str(name).casefold(), str(unit_id))
    return places.str.casefold().map(units).astype(object).fillna("").astype(str)


def find_ground(
    places: "pd.Series[str]",
    units: "pd.Series[str]",
    targets: DataFrame[Targets],
    bought: Collection[str],
) -> "pd.Series[str]":
    """Return where ads were shown: a :class:`~outreach.units.Ground` for each place.

    Parameters
    ----------
    places, units
        From :func:`name_place` and :func:`match_places`.
    targets
        The list.
    bought
        Ids of the units with money.
    """
    grounds = pd.Series(Ground.UNBOUGHT.value, index=targets.index)
    paid = targets.index.isin(list(bought))
    grounds = grounds.mask((targets["arm"] == Arm.TREAT) & paid, Ground.BOUGHT)
    grounds = grounds.mask(targets["arm"] == Arm.HOLDOUT, Ground.HOLDOUT)
    grounds = grounds.mask(targets["arm"] == Arm.BUFFER, Ground.BUFFER)

    # A place off the list can be told only where the list is of such places.
    kinds = set(targets["kind"])
    alike = pd.Series(data=False, index=places.index)
    if UnitKind.ZIP in kinds:
        alike |= places.str.fullmatch(r"\d{5}")
    if UnitKind.TRACT in kinds:
        alike |= places.str.fullmatch(r"\d{11}")
    off = np.where(alike, Ground.UNBOUGHT.value, Ground.COARSE.value)
    off = np.where(places == "", Ground.UNKNOWN.value, off)
    known = {str(unit_id): str(ground) for unit_id, ground in grounds.items()}
    told = [known.get(unit, other) for unit, other in zip(units, off, strict=True)]
    return pd.Series(told, index=places.index, dtype=str)


def _name_point(latitude: float, longitude: float) -> str:
    """Return a point as text, by which two reports of it agree."""
    return f"{round(latitude, _DECIMALS):.{_DECIMALS}f},{round(longitude, _DECIMALS):.{_DECIMALS}f}"
