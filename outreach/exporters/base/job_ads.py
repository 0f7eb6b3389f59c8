"""Refuse small areas in lists of ads for census jobs, whatever the platform."""

from outreach.errors import ExportError
from outreach.evidence import Fact, Status
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, UnitKind

#: The least radius of a circle in a job ad. It is the strictest rule that any platform has, and a
#: list for one platform is soon pasted into another.
LEAST_RADIUS_KM = Fact[float](
    value=25.0,
    status=Status.VERIFIED,
    source="Meta, Special Ad Category of May 21, 2026: no ZIPs, and at least 25 km",
)


def refuse_small_areas(title: str, targets: DataFrame[Targets]) -> None:
    """Refuse ZIPs, polygons, and small circles; tracts stay, because no platform takes them.

    Parameters
    ----------
    title
        What people call the file or the platform.
    targets
        What is to be advertised in.

    Raises
    ------
    ExportError
        The list has an area that job ads may not target.
    """
    advertised = targets[targets["arm"] == Arm.TREAT]
    for kind, name in ((UnitKind.ZIP, "ZIPs"), (UnitKind.POLYGON, "polygons of tracts")):
        count = int((advertised["kind"] == kind).sum())
        if count:
            raise ExportError(
                f"{count:,} of the targets are {name}, and ads for jobs may not target them"
                f" ({LEAST_RADIUS_KM}). No list is written for {title}.",
                "Use cities or counties in the platform itself, or pins of at least 25 km.",
            )
    pins = advertised[advertised["kind"] == UnitKind.PIN]
    small = pins[pins["radius_km"] < LEAST_RADIUS_KM.value]
    if len(small):
        raise ExportError(
            f"The pin {small.index[0]} has a radius of {small['radius_km'].iloc[0]:g} km, and ads"
            f" for jobs may have none under {LEAST_RADIUS_KM.value:g} km ({LEAST_RADIUS_KM}). No"
            f" list is written for {title}.",
            "Choose fewer and larger pins.",
        )
