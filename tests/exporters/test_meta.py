"""Meta's files follow its targeting page, read here by a separate parser."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.campaign import CampaignKind
from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.meta import write_meta

#: Reference 3.3: the columns needed, the location columns in their order, two of the exclusion
#: columns.
HEADER = (
    b"\xef\xbb\xbfCampaign Name,Campaign Status,Campaign Objective,Buying Type,"
    b"Special Ad Categories,Special Ad Category Country,Ad Set Name,"
    b"Ad Set Run Status,Ad Set Daily Budget,Ad Set Lifetime Budget,Ad Set Time Start,"
    b"Ad Set Time Stop,Ad Set Bid Strategy,Age Min,Age Max,"
    b"Optimization Goal,Billing Event,URL Tags,"
    b"Countries,Cities,Regions,Electoral Districts,Zip,Addresses,"
    b"Geo Markets (DMA),Global Regions,"
    b"Large Geo Areas,Medium Geo Areas,Small Geo Areas,Metro Areas,Neighborhoods,"
    b"Subneighborhoods,Subcities,Location Types,"
    b"Location Cluster IDs,Location Set IDs,Excluded Zip,Excluded Addresses\r\n"
)


def parse_ad_set(file: ExportFile) -> dict[str, Any]:
    """Return the targeting of an ad set, checked against reference 3.1."""
    spec: dict[str, Any] = json.loads(file.content)
    targeting: dict[str, Any] = spec["ad_set"]["targeting"]
    places = targeting["geo_locations"]
    assert places["location_types"] == ["home", "recent"]
    assert targeting["targeting_automation"] == {"advantage_audience": 0}
    assert spec["campaign"]["special_ad_category_country"] == ["US"]
    assert len(places.get("zips", [])) <= 50_000
    assert len(places.get("custom_locations", [])) <= 200
    for entry in places.get("zips", []):
        country, code = entry["key"].split(":")
        assert (country, len(code), code.isdigit()) == ("US", 5, True)
    for pin in places.get("custom_locations", []):
        assert pin["distance_unit"] == "kilometer"
        assert 1 <= pin["radius"] <= 80
        assert set(pin) == {"latitude", "longitude", "radius", "distance_unit", "name"}
    return targeting


def by_name(files: list[ExportFile], beginning: str) -> list[ExportFile]:
    return [file for file in files if file.name.startswith(beginning)]


def test_an_ad_set_holds_zips_and_pins_in_the_pages_form(bench: Any) -> None:
    files = write_meta(
        bench.targets(zips=["60608", "00501"], pins=[(41.8518, -87.7133, 1.609344)]),
        bench.context(),
    )
    targeting = parse_ad_set(files[0])
    assert targeting["geo_locations"]["zips"] == [{"key": "US:60608"}, {"key": "US:00501"}]
    assert targeting["geo_locations"]["custom_locations"] == [
        {
            "latitude": 41.8518,
            "longitude": -87.7133,
            "radius": 1.61,
            "distance_unit": "kilometer",
            "name": "Place pin 1",
        }
    ]
    (list_to_paste,) = by_name(files, "meta-zips")
    assert list_to_paste.content == b"60608\r\n00501\r\n"


@pytest.mark.parametrize(
    ("kind", "category"),
    [("participation", "ISSUES_ELECTIONS_POLITICS"), ("recruitment", "EMPLOYMENT")],
)
def test_the_special_category_follows_the_kind_of_campaign(
    bench: Any, kind: str, category: str
) -> None:
    targets = bench.targets(pins=[(41.8, -87.7, 30.0)])
    spec = json.loads(
        write_meta(targets, bench.context(bench.brief(kind=CampaignKind(kind))))[0].content
    )
    assert spec["campaign"]["special_ad_categories"] == [category]
    assert spec["campaign"]["status"] == spec["ad_set"]["status"] == "PAUSED"
    assert spec["source"]["units"] == ["pin-pin 1"]


def test_the_import_sheet_is_marked_and_names_no_country(bench: Any) -> None:
    files = write_meta(
        bench.targets(zips=["60601", "00501"], pins=[(41.8, -87.7, 2.0)]), bench.context()
    )
    sheet = files[-1]
    assert "check-on-a-test-ad-set" in sheet.name
    assert sheet.content.startswith(HEADER)
    (row,) = csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"), newline=""))
    assert row["Zip"] == "US:60601, US:00501"
    assert row["Addresses"] == "(41.800000, -87.700000) +2km"
    assert row["Location Types"] == "home, recent"
    assert row["Countries"] == ""
    assert row["Special Ad Categories"] == "ISSUES_ELECTIONS_POLITICS"
    assert row["Special Ad Category Country"] == "US"
    assert (row["Ad Set Lifetime Budget"], row["Ad Set Daily Budget"]) == ("423", "")
    assert row["Ad Set Time Start"] == "05/28/2020 12:00:00 am"
    assert row["Ad Set Time Stop"] == "10/15/2020 11:59:00 pm"
    assert row["Ad Set Bid Strategy"] != ""


def test_the_json_has_what_the_creation_of_an_ad_set_takes(bench: Any) -> None:
    spec = json.loads(
        write_meta(bench.targets(zips=["60601"], frequency_cap=24), bench.context())[0].content
    )
    assert spec["campaign"]["objective"] == "OUTCOME_AWARENESS"
    ad_set = spec["ad_set"]
    assert ad_set["campaign_id"] == "ID OF THE CAMPAIGN"
    assert ad_set["lifetime_budget"] == 14_100
    assert ad_set["start_time"] == "2020-05-28T00:00:00"
    assert ad_set["end_time"] == "2020-10-15T23:59:00"
    assert ad_set["bid_strategy"] == "LOWEST_COST_WITHOUT_CAP"
    # 24 ads in 141 days, of which Meta counts at most 90.
    assert ad_set["frequency_control_specs"] == [
        {"event": "IMPRESSIONS", "interval_days": 90, "max_frequency": 15}
    ]
    assert spec["ad"]["url_tags"].startswith("utm_source=meta&")


def test_201_pins_are_two_ad_sets(bench: Any) -> None:
    files = write_meta(
        bench.targets(pins=[(40 + n / 1000, -87.0, 1.0) for n in range(201)]), bench.context()
    )
    specs = by_name(files, "meta-geo-locations")
    assert [file.name for file in specs] == [
        f"meta-geo-locations-part-{number}-of-2.json" for number in (1, 2)
    ]
    assert [len(parse_ad_set(file)["geo_locations"]["custom_locations"]) for file in specs] == [
        200,
        1,
    ]
    assert not by_name(files, "meta-zips")


def test_holdout_zips_and_pins_are_excluded_on_request(bench: Any) -> None:
    targets = bench.targets(
        zips=["60601", "60602"], pins=[(41.8, -87.7, 2.0)], arm=["treat", "holdout", "buffer"]
    )
    targeting = parse_ad_set(write_meta(targets, bench.context(exclude_holdout=True))[0])
    assert targeting["geo_locations"]["zips"] == [{"key": "US:60601"}]
    assert targeting["excluded_geo_locations"]["zips"] == [{"key": "US:60602"}]
    assert len(targeting["excluded_geo_locations"]["custom_locations"]) == 1
    assert "excluded_geo_locations" not in parse_ad_set(write_meta(targets, bench.context())[0])


def test_a_pin_over_80_km_is_refused(bench: Any) -> None:
    with pytest.raises(ExportError, match="80 km"):
        write_meta(bench.targets(pins=[(41.8, -87.7, 80.5)]), bench.context())


def test_a_platform_set_to_miles_says_mile_everywhere(bench: Any, tmp_path: Path) -> None:
    (tmp_path / "meta.toml").write_text(
        "[radius]\nunit = {value = 'mi'}\nminimum = {value = 0.63}\nmaximum = {value = 50}\n"
        "step = {value = 0.01}\n"
    )
    files = write_meta(
        bench.targets(pins=[(41.8, -87.7, 1.0)]), bench.context(rules_folder=tmp_path)
    )
    (pin,) = json.loads(files[0].content)["ad_set"]["targeting"]["geo_locations"][
        "custom_locations"
    ]
    assert (pin["radius"], pin["distance_unit"]) == (0.63, "mile")
    assert b"+0.63mi" in files[-1].content


@settings(max_examples=30)
@given(
    codes=st.sets(st.from_regex(r"[0-9]{5}", fullmatch=True), min_size=1, max_size=60),
    cap=st.integers(1, 70),
    name=st.text(min_size=1, max_size=190).filter(lambda text: text.strip()),
)
def test_every_zip_is_in_one_ad_set_with_its_zeros(
    bench: Any, tmp_path_factory: pytest.TempPathFactory, codes: set[str], cap: int, name: str
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "meta.toml").write_text(f"caps.zips = {{value = {cap}}}")
    context = bench.context(bench.brief(name), rules_folder=folder)
    files = write_meta(bench.targets(zips=sorted(codes), label=name), context)
    specs = [
        parse_ad_set(file)["geo_locations"]["zips"] for file in by_name(files, "meta-geo-locations")
    ]
    assert all(1 <= len(zips) <= cap for zips in specs)
    assert sorted(entry["key"] for zips in specs for entry in zips) == [
        f"US:{code}" for code in sorted(codes)
    ]
    lists = [file.content.decode().split() for file in by_name(files, "meta-zips")]
    assert sorted(code for codes_ in lists for code in codes_) == sorted(codes)
    for row in csv.DictReader(io.StringIO(files[-1].content.decode("utf-8-sig"), newline="")):
        assert not any(
            cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row.values()
        )
