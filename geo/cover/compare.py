"""Sets ZIPs, pins and polygons side by side, says which wins for this campaign, and turns a chosen set into target rows."""

from collections.abc import Mapping, Sequence

import pandas as pd
import shapely

from geo.cover.covering import TOUCHING, Covering
from outreach.errors import GeographyError
from outreach.tables import Targets, check
from outreach.units import Arm, name_unit

#: Figures that agree to so many decimals are equal.
_DIGITS = 9
#: The rule of :func:`compare_units`, for people.
RULE = (
    "Of the kinds that reach the wished coverage, the one with the most target households per dollar wins; if none reaches it, the one with the most "
    "coverage. Equals are decided by fewer units."
)


def compare_units(
    coverings: Sequence[Covering],
    requested_share: float,
    household_usd: float | Mapping[str, float],
) -> pd.DataFrame:
    """Compare kinds of places in one table, the winner by :data:`RULE` first.

    Parameters
    ----------
    coverings
        One for each kind (and platform) that the campaign could use; names differ.
    requested_share
        The coverage that the planner wants.
    household_usd
        What one paid-for household costs over the campaign, for all or by the covering's name.

    Returns
    -------
    DataFrame
        Index ``name``; ``rank``, ``kind``, ``units_count``, ``target_households_count``,
        ``coverage_share``, ``households_count`` (paid-for), ``purity_share``,
        ``spill_households_count``, ``spill_usd``, ``cost_usd``, ``target_households_per_usd``,
        ``gap_share``, ``reaches``, and ``why`` it has its rank, in words.

    Raises
    ------
    GeographyError
        There is nothing to compare, two bear the same name, or a price is missing or not above 0.
    """
    names = [covering.name for covering in coverings]
    if not names or len(set(names)) < len(names):
        raise GeographyError("There must be one set or more to compare, each under its own name.")
    prices = (
        household_usd if isinstance(household_usd, Mapping) else dict.fromkeys(names, household_usd)
    )
    for name in names:
        if not prices.get(name, 0.0) > 0:
            raise GeographyError(
                f"There is no price above 0 for a household of {name}.",
                "Give one by name, or for all.",
            )
    table = pd.DataFrame(
        [_describe(covering, prices[covering.name], requested_share) for covering in coverings],
        index=pd.Index(names, name="name"),
    )
    by_worth = table["target_households_per_usd"].round(_DIGITS).where(table["reaches"], 0.0)
    by_coverage = table["coverage_share"].round(_DIGITS).where(~table["reaches"], 0.0)
    keys = table.assign(by_worth=by_worth, by_coverage=by_coverage)
    order = keys.sort_values(
        ["reaches", "by_worth", "by_coverage", "units_count"],
        ascending=[False, False, False, True],
        kind="stable",
    ).index
    table = table.loc[order]
    table.insert(0, "rank", range(1, len(table) + 1))
    return table.assign(why=_give_reasons(table, requested_share))


def _give_reasons(table: pd.DataFrame, requested_share: float) -> list[str]:
    """Say of each row why it wins or falls behind the first, by :data:`RULE`."""
    first, reasons = table.iloc[0], []
    for number, (_, row) in enumerate(table.iterrows()):
        worth = (
            first["target_households_per_usd"] / row["target_households_per_usd"] - 1
            if row["cost_usd"]
            else 0.0
        )
        if number == 0 and row["reaches"]:
            reason = f"wins: the most target households per dollar of those that reach {requested_share:.0%}"
        elif number == 0:
            reason = f"wins: none reaches {requested_share:.0%}, and this one comes nearest"
        elif row["reaches"] or not first["reaches"]:
            reason = f"a target household costs {worth:+.0%} against the winner"
        else:
            reason = f"falls short: reaches {row['coverage_share']:.1%} of the wished {requested_share:.0%}"
        reasons.append(reason)
    return reasons


def describe_comparison(table: pd.DataFrame, requested_share: float) -> list[str]:
    """Put :func:`compare_units` into plain words, one sentence a line."""
    said = []
    for name, row in table.iterrows():
        short = "" if row["reaches"] else f" (short of the wished {requested_share:.0%})"
        verb = "win" if row["rank"] == 1 else f"come {_ordinal(int(row['rank']))}"
        count = int(row["units_count"])
        reach, pay = ("reaches", "pays") if count == 1 else ("reach", "pay")
        said.append(
            f"{name} {verb}: {count:,} of them {reach} {row['coverage_share']:.1%} of the target households{short} and {pay} for "
            f"{row['households_count']:,.0f} households, {row['purity_share']:.0%} of them target, so {row['spill_usd']:,.0f} of "
            f"{row['cost_usd']:,.0f} USD go to others; {row['target_households_per_usd']:.2f} target households per dollar."
        )
    return [*said, RULE]


def make_targets(covering: Covering, data_date: pd.Timestamp, arm: Arm = Arm.TREAT) -> pd.DataFrame:
    """Turn a chosen set into target rows, the purest place first; the budget is 0, for the allocator to fill.

    Parameters
    ----------
    data_date
        Of the rates that the choice was made by.
    arm
        Of the experiment.

    Returns
    -------
    DataFrame
        :class:`outreach.tables.Targets`, ``households_count`` being all that are paid for. Beyond
        the declared columns: ``target_households_count``; for pins ``shared_households_count``; for
        polygons ``wkt``.
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
                _explain(covering, share, paid)
                for share, paid in zip(ordered["purity"], ordered["households_count"], strict=True)
            ],
            "target_households_count": ordered["target_households_count"],
        },
        index=ordered.index,
    )
    if "shared_households_count" in ordered:
        table["shared_households_count"] = ordered["shared_households_count"]
    if "geometry" in ordered:
        table["wkt"] = shapely.to_wkt(ordered["geometry"].to_numpy())
    # Pins and polygons are already named by their unit id.
    units = [
        place if place.startswith(f"{covering.kind}-") else name_unit(covering.kind, place)
        for place in table["place"]
    ]
    table.index = pd.Index(units, name="unit_id", dtype="str")
    return check(table, Targets, f"The {covering.name}")


def _describe(
    covering: Covering, household_usd: float, requested_share: float
) -> dict[str, object]:
    """Return one row of the comparison."""
    cost = covering.households_count * household_usd
    return {
        "kind": covering.kind.value,
        "units_count": len(covering.places),
        "target_households_count": covering.target_households_count,
        "coverage_share": covering.coverage_share,
        "households_count": covering.households_count,
        "purity_share": covering.purity_share,
        "spill_households_count": covering.spill_households_count,
        "spill_usd": covering.spill_households_count * household_usd,
        "cost_usd": cost,
        "target_households_per_usd": covering.target_households_count / cost if cost else 0.0,
        "gap_share": covering.gap_share,
        "reaches": covering.coverage_share >= requested_share - TOUCHING,
    }


def _find_points(places: pd.DataFrame) -> pd.DataFrame:
    """Return the point of each place: a pin's centre, a point within a polygon, none for a ZIP."""
    if "latitude" in places:
        return places[["latitude", "longitude"]]
    table = pd.DataFrame({"latitude": float("nan"), "longitude": float("nan")}, index=places.index)
    if "geometry" in places:
        xy = shapely.get_coordinates(shapely.point_on_surface(places["geometry"].to_numpy()))
        table["longitude"], table["latitude"] = xy[:, 0], xy[:, 1]
    return table


def _explain(covering: Covering, purity_share: float, paid_count: float) -> str:
    """Say why a place was chosen."""
    return (
        f"{purity_share:.0%} of its {paid_count:,.0f} households are target; one of {len(covering.places):,} {covering.name} "
        f"that together reach {covering.coverage_share:.1%} of the target households."
    )


def _ordinal(number: int) -> str:
    """Write a rank in words."""
    words = {1: "first", 2: "second", 3: "third"}
    return words.get(number, f"{number}th")
