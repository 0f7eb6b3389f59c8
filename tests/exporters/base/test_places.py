"""Places are advertised, legal, within the platform's bounds, and each in one part."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.campaign import CampaignKind
from outreach.errors import ExportError
from outreach.exporters.base.exporter import find_exporters
from outreach.exporters.base.parts import split_places
from outreach.exporters.base.places import Place, choose_places, fit_radius
from outreach.exporters.base.rules import load_rules

MILE = 1.609344


def place(number: int, kind: str) -> Place:
    return Place(f"{kind}-{number}", kind, f"{number:05d}", "", 41.0, -87.0, 1.0, 1.0, 0.1)


@settings(max_examples=30)
@given(
    kinds=st.lists(st.sampled_from(["zip", "pin"]), min_size=1, max_size=400),
    locations=st.integers(2, 60),
    pins=st.integers(1, 20),
    reserved=st.integers(0, 1),
)
def test_a_split_covers_every_place_once_in_order_and_passes_no_cap(
    tmp_path_factory: pytest.TempPathFactory,
    kinds: list[str],
    locations: int,
    pins: int,
    reserved: int,
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "google.toml").write_text(
        f"caps.locations = {{value = {locations}}}\ncaps.pins = {{value = {pins}}}\n"
    )
    places = [place(number, kind) for number, kind in enumerate(kinds)]
    parts = split_places(places, load_rules("google", folder), reserved)
    assert [one for part in parts for one in part.places] == places
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    for part in parts:
        assert part.total == len(parts)
        assert 1 <= len(part.places) <= locations - reserved
        assert len(part.pins) <= pins
    assert math.isclose(sum(part.budget_usd for part in parts), 0.1 * len(places))


def test_parts_are_named_as_the_reference_says() -> None:
    parts = split_places([place(number, "pin") for number in range(1001)], load_rules("google"))
    assert [part.name_file("google-editor", ".csv") for part in parts] == [
        f"google-editor-part-{number}-of-3.csv" for number in (1, 2, 3)
    ]
    (whole,) = split_places([place(1, "pin")], load_rules("google"))
    assert whole.name_file("google-editor", ".csv") == "google-editor.csv"


@settings(max_examples=30)
@given(
    radius_km=st.floats(0.01, 60),
    platform=st.sampled_from(["google", "microsoft", "meta", "dv360"]),
)
def test_a_radius_grows_to_the_next_step_and_never_shrinks(radius_km: float, platform: str) -> None:
    bounds = load_rules(platform).radius
    assert bounds is not None
    radius = fit_radius(radius_km, bounds)
    assert bounds.minimum.value <= radius <= bounds.maximum.value
    assert radius >= radius_km - 1e-5
    assert radius < max(radius_km, bounds.minimum.value) + bounds.step.value + 1e-9
    steps = radius / bounds.step.value
    assert abs(steps - round(steps)) < 1e-6


def test_a_platform_in_miles_is_given_miles(tmp_path: Path) -> None:
    (tmp_path / "microsoft.toml").write_text(
        "[radius]\nunit = {value = 'mi'}\nminimum = {value = 1}\nmaximum = {value = 500}\n"
        "step = {value = 1}\n"
    )
    bounds = load_rules("microsoft", tmp_path).radius
    assert bounds is not None
    assert fit_radius(2 * MILE, bounds) == 2
    assert fit_radius(2 * MILE + 0.01, bounds) == 3
    with pytest.raises(ExportError, match="500 mi"):
        fit_radius(501 * MILE, bounds)


def test_holdout_and_buffer_are_never_places(bench: Any) -> None:
    targets = bench.targets(zips=["60601", "60602", "60603"], arm=["holdout", "treat", "buffer"])
    chosen = choose_places(targets, load_rules("google"), bench.context())
    assert [one.code for one in chosen] == ["60602"]


@pytest.mark.parametrize(
    "platform", ["google", "microsoft", "meta", "dv360", "tiktok", "zips", "geojson"]
)
def test_a_list_without_advertised_units_is_refused(bench: Any, platform: str) -> None:
    targets = bench.targets(zips=["60601"], arm="holdout")
    with pytest.raises(ExportError, match="everywhere"):
        find_exporters([platform])[platform].write(targets, bench.context())


@pytest.mark.parametrize("platform", ["google", "microsoft", "meta", "dv360"])
def test_tracts_are_refused_with_what_to_choose_instead(bench: Any, platform: str) -> None:
    targets = bench.targets(tracts=["17031010100"])
    with pytest.raises(ExportError, match=r'Set kind = "zips" or kind = "pins" under \[units\]'):
        find_exporters([platform])[platform].write(targets, bench.context())


@pytest.mark.parametrize("platform", ["tiktok", "zips"])
def test_pins_are_refused_where_only_zips_are_taken(bench: Any, platform: str) -> None:
    targets = bench.targets(pins=[(41.8, -87.6, 1.0)])
    with pytest.raises(ExportError, match=r'Set kind = "zips" under'):
        find_exporters([platform])[platform].write(targets, bench.context())


@pytest.mark.parametrize("code", ["6060", "060601", "60601-1234", "6060l", "٦٠٦٠١", ""])
def test_a_zip_without_five_digits_is_refused(bench: Any, code: str) -> None:
    with pytest.raises(ExportError, match="five digits"):
        choose_places(bench.targets(zips=[code]), load_rules("meta"), bench.context())


def test_a_repeated_zip_is_refused(bench: Any) -> None:
    targets = bench.targets(zips=["60601", "60602"]).assign(place="60601")
    with pytest.raises(ExportError, match="twice"):
        choose_places(targets, load_rules("meta"), bench.context())


def test_a_pin_without_radius_is_refused(bench: Any) -> None:
    with pytest.raises(ExportError, match="no radius"):
        choose_places(
            bench.targets(pins=[(41.8, -87.6, float("nan"))]), load_rules("meta"), bench.context()
        )


@pytest.mark.parametrize(
    ("platform", "status"),
    [("google", "VERIFIED"), ("meta", "VERIFIED"), ("tiktok", "VERIFIED"), ("dv360", "ASSUMED")],
)
def test_job_ads_may_not_use_zips_and_the_rule_is_named(
    bench: Any, platform: str, status: str
) -> None:
    context = bench.context(bench.brief(kind=CampaignKind.RECRUITMENT))
    with pytest.raises(ExportError, match=rf"job ads to target by ZIP \({status}: "):
        find_exporters([platform])[platform].write(bench.targets(zips=["60601"]), context)


@pytest.mark.parametrize("platform", ["google", "meta", "dv360"])
def test_job_ads_may_not_use_circles_under_25_km(bench: Any, platform: str) -> None:
    context = bench.context(bench.brief(kind=CampaignKind.RECRUITMENT))
    exporter = find_exporters([platform])[platform]
    with pytest.raises(ExportError, match="no radius under 25 km"):
        exporter.write(bench.targets(pins=[(41.8, -87.6, 23.9)]), context)
    assert exporter.write(bench.targets(pins=[(41.8, -87.6, 25.0)]), context)


@pytest.mark.parametrize("platform", ["google", "meta"])
def test_job_ads_may_not_exclude(bench: Any, platform: str) -> None:
    context = bench.context(bench.brief(kind=CampaignKind.RECRUITMENT), exclude_holdout=True)
    targets = bench.targets(
        pins=[(41.8, -87.6, 30.0), (42.8, -87.6, 30.0)], arm=["treat", "holdout"]
    )
    with pytest.raises(ExportError, match="does not allow job ads to exclude"):
        find_exporters([platform])[platform].write(targets, context)


@pytest.mark.parametrize(
    "column",
    [
        "race",
        "hispanic_share",
        "nh_blk_alone_share",
        "pct_White",
        "born_foreign_count",
        "noncitizen_share",
        "religion",
        "Ethnicity",
    ],
)
@pytest.mark.parametrize(
    "platform",
    ["csv", "excel", "google", "meta", "microsoft", "dv360", "tiktok", "zips", "geojson"],
)
def test_a_protected_trait_is_never_an_input_to_an_ad_file(
    bench: Any, platform: str, column: str
) -> None:
    targets = bench.targets(zips=["60601"], **{column: 0.5})
    with pytest.raises(ExportError, match=f"'{column}'.*protected trait"):
        find_exporters([platform])[platform].write(targets, bench.context())


def test_languages_are_not_protected_traits_and_unknown_columns_are_not_written(bench: Any) -> None:
    targets = bench.targets(
        zips=["60601"],
        limited_english_households_asian_pacific_count=87654,
        block_count=3,
        place_secret=123987,
    )
    for name, exporter in find_exporters(["csv", "google", "meta", "zips", "geojson"]).items():
        for file in exporter.write(targets, bench.context()):
            assert b"87654" not in file.content, name
            assert b"123987" not in file.content, name


def test_the_best_places_come_first(bench: Any) -> None:
    targets = bench.targets(zips=["60603", "60601", "60602"], rank=[3, 1, 2])
    chosen = choose_places(targets, load_rules("meta"), bench.context())
    assert [one.code for one in chosen] == ["60601", "60602", "60603"]
