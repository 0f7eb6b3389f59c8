"""Files of every platform, read by separate parsers, spend the plan's money where it says."""

import csv
import datetime as dt
import io
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach import exporters
from outreach.campaign import CampaignKind
from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.check.preflight import export_targets, inspect_files
from outreach.registry import discover

FLIGHT = (dt.date(2020, 6, 1), dt.date(2020, 7, 12))
LANGUAGES = ("en", "es", "zh")
ZIPS = [f"{number:05d}" for number in range(501, 513)]
#: Pins lie 11 km apart, so that circles of up to 5 km do not touch.
PINS = [(41 + number / 10, -87.5) for number in range(12)]
EVERY = list(discover(exporters, "EXPORTER", Exporter))


@dataclass
class Bought:
    """A campaign as its platform reads it: days, money over all of them, and places."""

    name: str
    first: dt.date
    last: dt.date
    media_usd: float
    is_daily: bool = False
    places: list[tuple[str, str, float]] = field(default_factory=list)


def read_rows(file: ExportFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))


def name_point(latitude: object, longitude: object) -> str:
    return f"{float(str(latitude)):.6f},{float(str(longitude)):.6f}"


def parse_google(files: Sequence[ExportFile]) -> list[Bought]:
    campaigns = []
    for file in files:
        if not file.name.startswith("google-editor"):
            continue
        head, *rows = read_rows(file)
        first, last = (dt.date.fromisoformat(head[f"{end} Date"]) for end in ("Start", "End"))
        money = float(head["Budget"]) * ((last - first).days + 1)
        bought = Bought(head["Campaign"], first, last, money, is_daily=True)
        for row in rows:
            assert row["Campaign"] == bought.name
            if row["Location ID"]:
                bought.places.append(("zip", f"{int(row['Location ID']) - 9_000_000:05d}", 0.0))
            else:
                radius, latitude, longitude = re.findall(r"-?[\d.]+", row["Location"])
                assert "km:" in row["Location"]
                bought.places.append(("pin", name_point(latitude, longitude), float(radius)))
        campaigns.append(bought)
    return campaigns


def parse_microsoft(files: Sequence[ExportFile]) -> list[Bought]:
    campaigns = []
    for file in files:
        if not file.name.startswith("microsoft-bulk"):
            continue
        rows = read_rows(file)
        (head,) = (row for row in rows if row["Type"] == "Campaign")
        (group,) = (row for row in rows if row["Type"] == "Ad Group")
        first, last = (
            dt.datetime.strptime(group[f"{end} Date"], "%m/%d/%Y").date()  # noqa: DTZ007  a day
            for end in ("Start", "End")
        )
        money = float(head["Budget"]) * ((last - first).days + 1)
        bought = Bought(head["Campaign"], first, last, money, is_daily=True)
        for row in rows:
            if row["Type"] == "Campaign Location Criterion":
                bought.places.append(("zip", f"{int(row['Target']) - 5_000_000:05d}", 0.0))
            elif row["Type"] == "Campaign Radius Criterion":
                assert row["Unit"] == "Kilometers"
                point = name_point(row["Latitude"], row["Longitude"])
                bought.places.append(("pin", point, float(row["Radius"])))
        campaigns.append(bought)
    return campaigns


def parse_meta(files: Sequence[ExportFile]) -> list[Bought]:
    campaigns = []
    for file in files:
        if not file.name.startswith("meta-geo-locations"):
            continue
        spec = json.loads(file.content)["ad_set"]
        first, last = (
            dt.datetime.fromisoformat(spec[f"{end}_time"]).date() for end in ("start", "end")
        )
        bought = Bought(spec["name"], first, last, spec["lifetime_budget"] / 100)
        ground = spec["targeting"]["geo_locations"]
        bought.places += [
            ("zip", one["key"].removeprefix("US:"), 0.0) for one in ground.get("zips", [])
        ]
        bought.places += [
            ("pin", name_point(one["latitude"], one["longitude"]), one["radius"])
            for one in ground.get("custom_locations", [])
        ]
        campaigns.append(bought)
    return campaigns


def parse_dv360(files: Sequence[ExportFile]) -> list[Bought]:
    lists = {file.name.removesuffix(".json"): file for file in files if file.name.endswith(".json")}
    (items,) = (file for file in files if file.name == "dv360-sdf-line-items.csv")
    campaigns = []
    for row in read_rows(items):
        first, last = (
            dt.datetime.strptime(row[f"{end} Date"][:10], "%m/%d/%Y").date()  # noqa: DTZ007  a day
            for end in ("Start", "End")
        )
        bought = Bought(row["Name"], first, last, float(row["Budget Amount"]))
        for number in re.findall(r"\d+", row["Geography Targeting - Include"]):
            bought.places.append(("zip", f"{int(number) - 9_000_000:05d}", 0.0))
        for name in re.findall(r"ID OF ([^;]+);", row["Proximity Location List Targeting"]):
            spec = json.loads(lists[name].content)
            for one in spec["bulkEdit"]["createdAssignedLocations"]:
                latitude, longitude = (
                    int(part) / 1e6 for part in one["targetingOptionId"].split(";")
                )
                radius = spec["assignment"]["proximityRadius"]
                bought.places.append(("pin", name_point(latitude, longitude), radius))
        campaigns.append(bought)
    return campaigns


def parse_lists(files: Sequence[ExportFile]) -> list[Bought]:
    """Read plain lists; the campaign of a list is the one with its language."""
    (table,) = (file for file in files if file.name.endswith("-campaigns.csv"))
    campaigns = []
    rows = read_rows(table)
    for row in rows:
        first, last = (dt.date.fromisoformat(row[f"{end}_day"]) for end in ("first", "last"))
        bought = Bought(row["campaign"], first, last, float(row["media_usd"]))
        for file in files:
            if len(rows) > 1 and f"-{row['languages']}." not in file.name:
                continue
            if re.match(r"(tiktok|snap|nextdoor)-zips\b|zips_country\b", file.name):
                codes = [line[-5:] for line in file.content.decode().split()]
                bought.places += [("zip", code, 0.0) for code in codes]
            elif re.match(r"(snap|nextdoor)-points\b|points_km\b", file.name):
                per_unit = 1.609344 if file.name.startswith("nextdoor") else 1.0
                bought.places += [
                    (
                        "pin",
                        name_point(one["latitude"], one["longitude"]),
                        float(one["radius"]) * per_unit,
                    )
                    for one in read_rows(file)
                ]
        assert len(bought.places) == int(row["places_count"])
        campaigns.append(bought)
    return campaigns


PARSERS: dict[str, Callable[[Sequence[ExportFile]], list[Bought]]] = {
    "google": parse_google,
    "microsoft": parse_microsoft,
    "meta": parse_meta,
    "dv360": parse_dv360,
    "tiktok": parse_lists,
    "snap": parse_lists,
    "nextdoor": parse_lists,
    "zips": parse_lists,
    "points": parse_lists,
}

UNIT = st.fixed_dictionaries(
    {
        "arm": st.sampled_from(["treat", "treat", "holdout", "buffer"]),
        # Enough for what the platforms take as the least for a day, or nothing.
        "own": st.just(0) | st.integers(100_000, 200_000),
        "other": st.integers(0, 30_000),
        "es": st.sampled_from([0.0, 0.1, 0.4]),
        "zh": st.sampled_from([0.0, 0.2]),
        "radius": st.sampled_from([1.0, 1.6, 2.0, 4.0]),
    }
)


@pytest.fixture(scope="module")
def context(bench: Any, tmp_path_factory: pytest.TempPathFactory) -> ExportContext:
    """Return a context with the lists of IDs, a flight, and three languages."""
    brief = bench.brief(languages=LANGUAGES, flight=FLIGHT)
    made: ExportContext = bench.context(brief, **bench.lists(tmp_path_factory.mktemp("ids"), ZIPS))
    return made


def make_targets(bench: Any, platform: str, kind: str, units: list[dict[str, Any]]) -> Any:
    """Return a plan for a platform and another channel, in three languages."""
    places: dict[str, Any] = (
        {"zips": ZIPS[: len(units)]}
        if kind == "zip"
        else {"pins": [(*PINS[n], unit["radius"]) for n, unit in enumerate(units)]}
    )
    treated = [unit["arm"] == "treat" for unit in units]
    columns: dict[str, Any] = {"arm": [unit["arm"] for unit in units], "households_count": 9_000.0}
    channels = {platform: "own", "google" if platform == "meta" else "meta": "other"}
    for channel, name in channels.items():
        columns[f"media_{channel}_usd"] = [
            unit[name] / 100 * paid for unit, paid in zip(units, treated, strict=True)
        ]
    columns["media_usd"] = [
        round((unit["own"] + unit["other"]) / 100 * paid, 2)
        for unit, paid in zip(units, treated, strict=True)
    ]
    columns["budget_usd"] = [round(media * 1.15, 2) for media in columns["media_usd"]]
    columns["language_es_share"] = [unit["es"] for unit in units]
    columns["language_zh_share"] = [unit["zh"] for unit in units]
    columns["language_en_share"] = [1 - unit["es"] - unit["zh"] for unit in units]
    return bench.targets(**places, **columns)


def measure_km(one: str, other: str) -> float:
    """Return the distance between two points by the haversine formula."""
    (lat1, lon1), (lat2, lon2) = (
        [math.radians(float(part)) for part in point.split(",")] for point in (one, other)
    )
    a = math.sin((lat2 - lat1) / 2) ** 2
    a += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(a))


@pytest.mark.parametrize("platform", list(PARSERS))
@pytest.mark.parametrize("kind", ["zip", "pin"])
@settings(max_examples=12)
@given(units=st.lists(UNIT, min_size=2, max_size=12))
def test_files_spend_the_plans_media_on_its_days_in_its_places_only(
    bench: Any, context: ExportContext, platform: str, kind: str, units: list[dict[str, Any]]
) -> None:
    targets = make_targets(bench, platform, kind, units)
    media = targets[f"media_{platform}_usd"]
    funded = targets[(targets["arm"] == "treat") & (media >= 0.01)]
    if (kind == "pin" and platform in ("tiktok", "zips")) or (
        kind == "zip" and platform == "points"
    ):
        return
    if funded.empty:
        with pytest.raises(ExportError, match="no target"):
            export_targets(platform, targets, context)
        return

    campaigns = PARSERS[platform](export_targets(platform, targets, context).files)
    assert {(one.first, one.last) for one in campaigns} == {FLIGHT}
    assert len({one.name for one in campaigns}) == len(campaigns)
    assert not [one.name for one in campaigns if "Ada" in one.name or "DRAFT" in one.name]

    # The money is the media of the platform, less what daily budgets lose by rounding.
    planned = media[funded.index].sum()
    written = math.fsum(one.media_usd for one in campaigns)
    assert written <= planned + 0.005
    assert written >= planned - 0.42 * sum(one.is_daily for one in campaigns) - 0.005

    # Each place has money, in each language that it is written in.
    codes = (
        funded["place"]
        if kind == "zip"
        else [name_point(*point) for point in funded[["latitude", "longitude"]].to_numpy()]
    )
    share = dict(zip(codes, funded.index, strict=True))
    for one in campaigns:
        language = one.name.rsplit(" | ", 1)[1]
        assert len({code for _, code, _ in one.places}) == len(one.places)
        for _, code, _ in one.places:
            assert targets.loc[share[code], f"language_{language}_share"] > 0
    assert {code for one in campaigns for _, code, _ in one.places} == set(codes)

    # No circle reaches held-out ground.
    held_out = targets[targets["arm"] == "holdout"]
    for one in campaigns:
        for unit, code, radius in one.places:
            if unit == "pin":
                for latitude, longitude, own in held_out[
                    ["latitude", "longitude", "radius_km"]
                ].to_numpy():
                    point = name_point(latitude, longitude)
                    assert measure_km(code, point) > radius + own


@pytest.mark.parametrize("kind", ["zip", "polygon"])
def test_polygons_keep_off_held_out_ground(bench: Any, context: ExportContext, kind: str) -> None:
    squares = [shapely.box(n / 10, 41, n / 10 + 0.1, 41.1) for n in range(4)]
    targets = bench.targets(
        zips=ZIPS[:4],
        arm=["treat", "holdout", "treat", "buffer"],
        wkt=[shapely.to_wkt(square) for square in squares],
        kind=kind,
    )
    files = export_targets("geojson", targets, context).files
    (collection,) = (file for file in files if file.name == "targets.geojson")
    shapes = [
        shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in json.loads(collection.content)["features"]
    ]
    assert len(shapes) == 2
    (table,) = (file for file in files if file.name == "polygons_wkt.csv")
    texts = [shapely.from_wkt(row["wkt"]) for row in read_rows(table)]
    for ground in (shapely.union_all(shapes), shapely.union_all(texts)):
        assert ground.area == pytest.approx(0.02)
        assert ground.intersection(squares[1]).area == 0


@pytest.mark.parametrize("platform", EVERY)
def test_job_ads_get_no_small_area_on_any_path(
    bench: Any, context: ExportContext, platform: str
) -> None:
    brief = bench.brief(kind=CampaignKind.RECRUITMENT, flight=FLIGHT)
    jobs = bench.context(
        brief, geotargets=context.geotargets, location_codes=context.location_codes
    )
    for targets in (
        bench.targets(zips=ZIPS[:2]),
        bench.targets(pins=[(41.0, -87.0, 24.9)]),
        bench.targets(zips=ZIPS[:2], kind="polygon"),
    ):
        with pytest.raises(ExportError, match="ads for jobs may"):
            export_targets(platform, targets, jobs)


@pytest.mark.parametrize("platform", ["google", "microsoft", "meta", "dv360", "points", "csv"])
def test_job_ads_may_use_large_circles(bench: Any, platform: str) -> None:
    jobs = bench.context(bench.brief(kind=CampaignKind.RECRUITMENT, flight=FLIGHT))
    assert export_targets(platform, bench.targets(pins=[(41.0, -87.0, 25.0)]), jobs).files


@pytest.mark.parametrize("platform", ["microsoft", "dv360"])
def test_a_circle_that_grows_into_held_out_ground_is_refused(
    bench: Any, context: ExportContext, platform: str
) -> None:
    # Planned 1.6 + 1.6 km, 3.34 km apart; written 2 km, so 0.26 km deep into the other.
    targets = bench.targets(
        pins=[(41.0, -87.5, 1.6), (41.03, -87.5, 1.6)], arm=["treat", "holdout"]
    )
    with pytest.raises(ExportError, match=r"reaches into held-out units, by up to 0\.26 km"):
        export_targets(platform, targets, context)
    assert export_targets("google", targets, context).files
    assert export_targets(platform, targets.assign(arm=["treat", "buffer"]), context).files

    # A planner who asked for no buffers is told, and gets the files.
    brief = bench.brief(flight=FLIGHT, overlaps=True)
    findings = export_targets(platform, targets, bench.context(brief)).findings
    assert any("The campaign has no buffers." in str(finding) for finding in findings)


def test_a_circle_into_a_held_out_polygon_is_refused(bench: Any, context: ExportContext) -> None:
    square = shapely.to_wkt(shapely.box(-87.45, 40.95, -87.4, 41.05))
    targets = bench.targets(
        pins=[(41.0, -87.5, 5.0), (41.0, -87.42, float("nan"))],
        kind=["pin", "polygon"],
        arm=["treat", "holdout"],
        wkt=[None, square],
    )
    # The polygon begins 4.2 km to the east.
    with pytest.raises(ExportError, match=r"by up to 0\.80 km"):
        export_targets("google", targets, context)


def test_circles_with_too_few_people_are_named(bench: Any, context: ExportContext) -> None:
    pins = [(*PINS[number], 2.0) for number in range(2)]
    targets = bench.targets(pins=pins, households_count=[399.0, 401.0])
    findings = [str(one) for one in export_targets("dv360", targets, context).findings]
    assert any(
        "1 of 2 circles hold about 998 to 998 people each (pin-pin 1)" in one for one in findings
    )
    # A circle that shares households with others holds at least those.
    shared = targets.assign(shared_households_count=[500.0, 0.0])
    findings = [str(one) for one in export_targets("dv360", shared, context).findings]
    assert not [one for one in findings if "people" in one]


def test_money_and_days_that_are_not_the_plans_are_caught(
    bench: Any, context: ExportContext
) -> None:
    targets = bench.targets(zips=ZIPS[:2])
    files = export_targets("meta", targets, context).files[:-1]

    def spoil(old: bytes, new: bytes) -> list[str]:
        spoiled = [ExportFile(file.name, file.content.replace(old, new)) for file in files]
        assert spoiled != list(files)
        return [str(one) for one in inspect_files("meta", spoiled, targets, context) if one.fault]

    assert any("spend $292.00" in one for one in spoil(b"28200", b"29200"))
    assert any("and the plan from June 1" in one for one in spoil(b"2020-06-01", b"2020-06-02"))
