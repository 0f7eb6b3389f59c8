"""Name tract states, bought units, the arms of a test, and what partners do."""

from enum import StrEnum

from outreach.errors import DataError


class Arm(StrEnum):
    """What a test does with a unit; the text is what tables and files hold."""

    TREAT = "treat"
    HOLDOUT = "holdout"
    BUFFER = "buffer"


class Ground(StrEnum):
    """Where ads were shown, against what was bought; the text is what tables and files hold."""

    BOUGHT = "bought"
    HOLDOUT = "holdout"
    BUFFER = "buffer"
    UNBOUGHT = "not bought"
    COARSE = "not comparable"
    UNKNOWN = "not reported"


class TractStatus(StrEnum):
    """Whether a tract has a rate; the text is what tables and files hold."""

    RATED = "rated"
    RATELESS = "rateless"
    WATER = "water"


class ActivityKind(StrEnum):
    """What partners do beside the ads; the text is what tables and files hold."""

    CALLS = "calls"
    DOORS = "doors"
    EVENTS = "events"
    TEXTS = "texts"


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


def name_kind(kind: str) -> str:
    """Name a campaign's kind of units (``zips``, ``pins``, ...) as people write it."""
    return "ZIPs" if kind == "zips" else kind


def split_unit(unit_id: str) -> tuple[UnitKind, str]:
    """Return the kind and the place of a unit id.

    Raises
    ------
    DataError
        The id was not made by :func:`name_unit`.
    """
    kind, dash, place = unit_id.partition("-")
    if not dash or not place or kind not in set(UnitKind):
        raise DataError(
            f"'{unit_id}' is not the id of a unit, such as tract-17031010100.",
            "Run the campaign again, or bring the file back that held it.",
        )
    return UnitKind(kind), place
