"""Name tract states, the units that are bought, and the arms of a test."""

from enum import StrEnum


class Arm(StrEnum):
    """What a test does with a unit; the text is what tables and files hold."""

    TREAT = "treat"
    HOLDOUT = "holdout"
    BUFFER = "buffer"


class TractStatus(StrEnum):
    """Whether a tract has a rate; the text is what tables and files hold."""

    RATED = "rated"
    RATELESS = "rateless"
    WATER = "water"


class UnitKind(StrEnum):
    """What a unit is; the text is what tables and files hold."""

    TRACT = "tract"
    ZIP = "zip"
    PIN = "pin"
    POLYGON = "polygon"


def name_unit(kind: str, place: str) -> str:
    """Return the id of a unit, such as ``tract-17031010100``.

    Parameters
    ----------
    kind
        A :class:`UnitKind`.
    place
        The GEOID, ZIP, or name of the unit among its kind.
    """
    return f"{UnitKind(kind)}-{place}"


def split_unit(unit_id: str) -> tuple[UnitKind, str]:
    """Return the kind and the place of a unit id.

    Raises
    ------
    ValueError
        The id was not made by :func:`name_unit`.
    """
    kind, dash, place = unit_id.partition("-")
    if not dash or not place:
        raise ValueError(f"'{unit_id}' is not a unit id, such as tract-17031010100.")
    return UnitKind(kind), place
