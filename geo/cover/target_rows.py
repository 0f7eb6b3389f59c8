"""Turn a covering into target rows."""

import pandas as pd
import shapely

from geo.cover.covering import Covering
from outreach.phrasing import write_percent
from outreach.tables import DataFrame, Targets, check
from outreach.units import Arm, UnitKind, name_unit


def make_targets(
    covering: Covering, data_date: pd.Timestamp, arm: Arm = Arm.TREAT
) -> DataFrame[Targets]:
    """Turn a covering into target rows, the purest place first.

    The budget is 0, for the allocation to fill.

    Parameters
    ----------
    covering
        The chosen places.
    data_date
        Of the rates behind the choice.
    arm
        Of the test.

    Returns
    -------
    DataFrame
        ``households_count`` has all paid-for households. Beyond the declared columns:
        ``target_households_count``; for pins ``shared_households_count``; for polygons ``wkt``.
    """
    places = covering.places
    purity = (places["target_households_count"] / places["households_count"]).fillna(0.0)
    ordered = places.assign(purity=purity).sort_values(
        ["purity", "target_households_count"], ascending=False, kind="stable"
    )

    point = _find_points(ordered)
    table = pd.DataFrame(
        {
            "kind": covering.kind.value,
            "place": ordered.index.astype("str"),
            "label": ordered["label"],
            "data_date": data_date,
            "arm": arm.value,
            "latitude": point["latitude"],
            "longitude": point["longitude"],
            "radius_km": ordered.get("radius_km", float("nan")),
            "households_count": ordered["households_count"],
            "missing_households_count": ordered["missing_households_count"],
            "budget_usd": 0.0,
            "impressions_count": 0.0,
            "rank": range(1, len(ordered) + 1),
            "why": [
                _explain_choice(covering, share, paid_count)
                for share, paid_count in zip(
                    ordered["purity"], ordered["households_count"], strict=True
                )
            ],
            "target_households_count": ordered["target_households_count"],
        },
        index=ordered.index,
    )

    # Columns that only some kinds have.
    if "shared_households_count" in ordered:
        table["shared_households_count"] = ordered["shared_households_count"]
    if "geometry" in ordered:
        table["wkt"] = shapely.to_wkt(ordered["geometry"].to_numpy())

    ids = [_name_place(covering.kind, place) for place in table["place"]]
    table.index = pd.Index(ids, name="unit_id", dtype="str")
    return check(table, Targets, f"The {covering.name}")


def _name_place(kind: UnitKind, place: str) -> str:
    """Return the id of a place; pins and polygons are named with their kind already."""
    return place if place.startswith(f"{kind}-") else name_unit(kind, place)


def _find_points(places: pd.DataFrame) -> pd.DataFrame:
    """Return the point of each place: a pin's center, a point in a polygon, none for a ZIP."""
    if "latitude" in places:
        return places[["latitude", "longitude"]]
    table = pd.DataFrame({"latitude": float("nan"), "longitude": float("nan")}, index=places.index)
    if "geometry" in places:
        xy = shapely.get_coordinates(shapely.point_on_surface(places["geometry"].to_numpy()))
        table["longitude"], table["latitude"] = xy[:, 0], xy[:, 1]
    return table


def _explain_choice(covering: Covering, purity_share: float, paid_count: float) -> str:
    """Explain why a place was chosen."""
    return (
        f"{write_percent(purity_share)} of its {paid_count:,.0f} households are target; one of"
        f" {len(covering.places):,} {covering.name} that together reach"
        f" {write_percent(covering.coverage_share, 1)} of the target households."
    )
