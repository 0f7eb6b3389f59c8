"""The comparison names the winner by its rule, and coverings become valid target rows."""

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.cover.compare import RULE, compare_units, describe_comparison
from geo.cover.covering import Covering
from geo.cover.household_points import spread_by_grid
from geo.cover.pins import PinRules, cover_with_pins
from geo.cover.polygons import cover_with_polygons
from geo.cover.target_rows import make_targets
from geo.cover.zips import count_zips, cover_with_zips
from outreach.errors import GeographyError
from outreach.tables import Targets
from outreach.units import UnitKind
from tests.geo.cover.plain_list import compare_with_plain

DATE = pd.Timestamp("2020-05-28")
MILE = 1.609344


def make_covering(
    name: str, paid: list[float], target: list[float], kind: UnitKind = UnitKind.ZIP
) -> Covering:
    """Make a set of places out of 1,000 target households."""
    places = pd.DataFrame(
        {
            "label": [f"place {n}" for n in range(len(paid))],
            "households_count": paid,
            "target_households_count": target,
            "missing_households_count": [each / 3 for each in paid],
        },
        index=pd.Index([f"6060{n}" for n in range(len(paid))], name="place"),
    )
    return Covering(kind, name, places, 1000.0, sum(paid), 0.0, pd.Series(dtype=float))


def test_the_purest_that_reaches_the_coverage_wins() -> None:
    zips, pins = make_covering("ZIPs", [1600], [800]), make_covering("pins", [600, 600], [400, 400])
    short = make_covering("short", [500], [500])
    table = compare_units([zips, pins, short], 0.75, 0.5)
    assert list(table.index) == ["pins", "ZIPs", "short"]
    assert list(table["rank"]) == [1, 2, 3]
    assert list(table["reaches"]) == [True, True, False]
    assert table.loc["ZIPs", "spill_usd"] == 400
    assert table.loc["pins", "target_households_per_usd"] == pytest.approx(800 / 600)
    assert table.loc["pins", "units_count"] == 2
    assert list(table["why"]) == [
        "wins: most target households per dollar of those that reach 75%",
        "a target household costs +33% compared with the winner",
        "falls short: reaches 50.0% of the requested 75%",
    ]
    words = describe_comparison(table, 0.75)
    assert words[0].startswith(
        "Pins win: 2 of them reach 80.0% of the target households and pay for 1,200 households. 67%"
    )
    assert "(short of 75%)" in words[2]
    assert words[-1] == RULE


def test_an_expensive_platform_may_lose_despite_its_purity() -> None:
    zips, pins = make_covering("ZIPs", [1600], [800]), make_covering("pins", [1200], [800])
    table = compare_units([zips, pins], 0.75, {"ZIPs": 0.2, "pins": 0.5})
    assert list(table.index) == ["ZIPs", "pins"]
    with pytest.raises(GeographyError, match="no price above 0 for a household of pins"):
        compare_units([zips, pins], 0.75, {"ZIPs": 0.2})


def test_if_none_reaches_the_coverage_the_most_wins_and_fewer_units_break_a_tie() -> None:
    less, more = make_covering("less", [100], [100]), make_covering("more", [900], [300])
    assert list(compare_units([less, more], 0.75, 1).index) == ["more", "less"]
    many, few = make_covering("many", [500, 500], [400, 400]), make_covering("few", [1000], [800])
    assert list(compare_units([many, few], 0.75, 1).index) == ["few", "many"]


def test_coverings_to_compare_need_different_names() -> None:
    for coverings in ([], [make_covering("a", [1], [1])] * 2):
        with pytest.raises(GeographyError, match="each with its own name"):
            compare_units(coverings, 0.75, 1)


def test_zips_become_rows_without_budget_the_purest_first() -> None:
    targets = make_targets(make_covering("ZIPs", [1000, 500], [100, 400]), DATE)
    assert list(targets.index) == ["zip-60601", "zip-60600"]
    assert list(targets["rank"]) == [1, 2]
    assert list(targets["households_count"]) == [500, 1000]
    assert targets["latitude"].isna().all()
    assert (targets["budget_usd"] == 0).all()
    assert targets["why"].iloc[0] == (
        "80% of its 500 households are target; one of 2 ZIPs that together reach 50.0% of the"
        " target households."
    )
    Targets.validate(targets)


def test_polygons_and_places_without_households_become_rows() -> None:
    empty = make_covering("ZIPs", [0, 10], [0, 10])
    assert list(make_targets(empty, DATE)["rank"]) == [1, 2]
    covering = make_covering("polygons", [10], [10], kind=UnitKind.POLYGON)
    places = gpd.GeoDataFrame(
        covering.places, geometry=[shapely.box(-88, 41, -87, 42)], crs="EPSG:4326"
    )
    places.index = pd.Index(["polygon-001"], name="place")
    targets = make_targets(
        Covering(UnitKind.POLYGON, "polygons", places, 10.0, 10.0, 0.0, pd.Series(dtype=float)),
        DATE,
    )
    assert targets.index[0] == "polygon-001"
    assert shapely.from_wkt(targets["wkt"].iloc[0]).area == pytest.approx(1)
    assert (targets["latitude"].iloc[0], targets["longitude"].iloc[0]) == pytest.approx(
        (41.5, -87.5)
    )


@pytest.mark.real
def test_in_chicago_polygons_beat_pins_and_pins_beat_zips_at_every_coverage(
    worst_fifth: Any,
) -> None:
    """Prints the table of the README."""
    households, price = worst_fifth.households, 24 * 14.75 / 1000
    zips = count_zips(households, worst_fifth.crosswalk)
    by_zip = compare_with_plain(zips, worst_fifth.order, price)
    polygons = cover_with_polygons(households, worst_fifth.tracts)
    points = spread_by_grid(households, worst_fifth.tracts, worst_fifth.zips)
    meta = PinRules("Meta", 0.63 * MILE, 50 * MILE, 0.01 * MILE, 200)
    lines = []
    for share in (0.25, 0.5, 0.75, 0.9):
        pins = cover_with_pins(points, meta, share)
        table = compare_units([cover_with_zips(zips, share), pins, polygons], share, price)
        assert list(table.index) == ["polygons", "Meta pins", "ZIPs"]
        assert table["reaches"].all()
        assert pins.gap_share < 0.07
        plain, ours = by_zip.loc[(share, "plain")], by_zip.loc[(share, "covering")]
        assert ours["households_count"] <= plain["households_count"]
        assert ours["purity_share"] >= plain["purity_share"]
        zipped = [
            f"{way['zips_count']:.0f} ZIPs, {way['purity_share']:.1%}" for way in (plain, ours)
        ]
        spill = [f"{way['spill_usd']:,.0f}" for way in (plain, ours)]
        pinned = f"{len(pins.places)} pins, {pins.purity_share:.1%}"
        pins_usd = f"{pins.spill_households_count * price:,.0f}"
        cells = [f"{share:.0%}", zipped[0], spill[0], zipped[1], spill[1], pinned, pins_usd]
        lines.append(f"| {' | '.join(cells)} | {pins.gap_share:.1%} |")
    assert (
        by_zip.loc[(0.75, "covering"), "purity_share"] > by_zip.loc[(0.75, "plain"), "purity_share"]
    )
    print(
        "| coverage | plain list | spill USD | ZIPs | spill USD | Meta pins | spill USD"
        " | proven gap of the pins |"
    )
    print("|---|---|---|---|---|---|---|---|", *lines, sep="\n")
    print(
        f"polygons: {len(polygons.places)}, coverage {polygons.coverage_share:.1%},"
        f" purity {polygons.purity_share:.1%}"
    )
    for covering in (cover_with_zips(zips, 0.75), pins, polygons):
        targets = make_targets(covering, DATE)
        assert targets["households_count"].sum() == pytest.approx(covering.households_count)
        assert targets["missing_households_count"].between(0, targets["households_count"]).all()
