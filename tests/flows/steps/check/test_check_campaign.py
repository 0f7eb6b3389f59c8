"""A check lists every fault of a campaign at once, before any work."""

import datetime as dt
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from flows.steps.check.campaign import check_campaign, describe_requests, refuse_faults
from flows.steps.check.finding import Finding
from outreach.archive import Archive
from outreach.campaign import parse_campaign
from outreach.errors import CampaignError
from outreach.settings import Settings

CAMPAIGN: dict[str, Any] = {
    "name": "Test town",
    "census_year": 2020,
    "areas": [{"state": "17", "county": "031"}],
    "goal_percent": 75,
    "deadline": dt.date(2020, 10, 15),
    "budget_usd": 1000,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # Nothing listens on the discard port of this machine, so no request leaves it.
    return Settings(home=tmp_path / "home", files_url="http://127.0.0.1:9", _env_file=None)


@pytest.fixture
def wards(tmp_path: Path) -> dict[str, Any]:
    """Three wards of one square each."""
    boxes = [(0.0, 0.01), (0.01, 0.02), (0.02, 0.03)]
    shapes = [shapely.box(west, 0, east, 0.01) for west, east in boxes]
    path = tmp_path / "wards.geojson"
    gpd.GeoDataFrame({"id": ["1", "2", "3"]}, geometry=shapes, crs="EPSG:4326").to_file(path)
    return {"name": "Ward", "file": str(path), "id_column": "id"}


def check(settings: Settings, data_date: dt.date | None = None, **changes: Any) -> list[Finding]:
    return check_campaign(parse_campaign(CAMPAIGN | changes, "test"), settings, data_date)


def faults(findings: list[Finding]) -> list[str]:
    return [finding.sentence for finding in findings if finding.is_fault]


def test_a_campaign_without_a_fault_has_no_finding(settings: Settings) -> None:
    assert check(settings) == []
    refuse_faults([])


@pytest.mark.parametrize(
    ("area", "words"),
    [
        ({"state": "03"}, "'areas[1].state': no state has the FIPS code 03"),
        ({"state": "17", "county": "032"}, "Illinois has no county with the code 032"),
    ],
)
def test_a_code_that_does_not_exist_is_a_fault(
    settings: Settings, area: dict[str, str], words: str
) -> None:
    (sentence,) = faults(check(settings, areas=[area]))
    assert words in sentence


@pytest.mark.parametrize("county", ["001", "110"])
def test_connecticut_takes_counties_and_planning_regions(settings: Settings, county: str) -> None:
    assert faults(check(settings, areas=[{"state": "09", "county": county}])) == []


@pytest.mark.parametrize(
    ("vintages", "words", "is_fault"),
    [
        ({"acs": 2016}, "acs5 2016 cannot be used: earlier vintages have no tables on the", True),
        ({"acs": 2025}, "acs5 2025 is newer than what this version was checked with", False),
    ],
)
def test_a_year_that_cannot_be_used_is_a_fault_and_a_new_one_a_remark(
    settings: Settings,
    vintages: dict[str, int],
    words: str,
    is_fault: bool,  # noqa: FBT001  a parameter of the cases
) -> None:
    findings = check(settings, vintages=vintages)
    assert [finding.is_fault for finding in findings if words in finding.sentence] == [is_fault]


@pytest.mark.parametrize(
    "area",
    [
        {"state": "11", "county": "001"},
        {"state": "72", "county": "127"},
        {"state": "09", "county": "001"},
        {"state": "46", "county": "102"},
        {"state": "02", "county": "066"},
    ],
)
def test_codes_of_the_2020_census_exist(settings: Settings, area: dict[str, str]) -> None:
    assert check(settings, areas=[area]) == []


def test_an_invented_county_is_no_fault_where_another_service_answers(settings: Settings) -> None:
    sandbox = settings.model_copy(update={"api_url": "http://127.0.0.1:9"})
    assert check(sandbox, areas=[{"state": "99", "county": "001"}]) == []


def test_a_place_that_cannot_be_looked_up_is_a_remark(settings: Settings) -> None:
    (finding,) = check(settings, areas=[{"state": "17", "place": "14000"}])
    assert not finding.is_fault
    assert finding.sentence.startswith("'areas[1].place' could not be checked")


def test_all_faults_are_found_at_once(settings: Settings, wards: dict[str, Any]) -> None:
    found = faults(
        check(
            settings,
            deadline=dt.date(2020, 3, 31),
            flight={"start": dt.date(2020, 5, 1), "end": dt.date(2020, 6, 1)},
            platforms=["gogle", "facebook"],
            districts=[wards | {"file": "nowhere.shp"}],
            units={"zips": "none.csv", "blocks": "none.zip"},
        )
    )
    text = "\n".join(found)
    assert "Did you mean 'google'?" in text
    for words in (
        "'facebook'",
        "'deadline': March 31, 2020 is not after Census Day",
        "'flight.end': the ads end on June 1, 2020, after the deadline",
        "'districts[1].file'",
        "nowhere.shp",
        "'units.zips'",
        "'units.blocks': there is no file none.zip",
    ):
        assert words in text
    assert len(found) == 7
    with pytest.raises(CampaignError, match=r"gogle(.|\n)*nowhere.shp"):
        refuse_faults([Finding(sentence) for sentence in found])


def test_what_is_done_to_a_district_file_is_a_remark(
    settings: Settings, wards: dict[str, Any]
) -> None:
    shapes = gpd.read_file(wards["file"])
    shapes.loc[2, "id"] = "2"
    shapes.to_file(wards["file"])
    (finding,) = check(settings, districts=[wards])
    assert not finding.is_fault
    assert "Merged several rows into one for 1 district: 2." in finding.sentence


def test_a_column_and_a_floor_that_the_file_lacks_are_named(
    settings: Settings, wards: dict[str, Any]
) -> None:
    (sentence,) = faults(check(settings, districts=[wards | {"id_column": "ward"}]))
    assert "'ward'" in sentence
    (sentence,) = faults(
        check(settings, districts=[wards], floors=[{"district": "12", "usd": 100}])
    )
    assert "no district '12'" in sentence
    assert "Choose from: 1, 2, 3." in sentence
    (sentence,) = faults(check(settings, floors=[{"language": "tlh", "usd": 100}]))
    assert "'tlh'" in sentence


def test_a_crosswalk_must_meet_its_districts_and_tracts(
    settings: Settings, wards: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "split.csv"
    districts = [wards | {"crosswalk": str(path)}]
    path.write_text("source,target,weight\n17031000100,1,1\n17031000200,2,1\n")
    assert faults(check(settings, districts=districts)) == []
    path.write_text("source,target,weight\n17031000100,01,1\n17031000200,02,1\n")
    (sentence,) = faults(check(settings, districts=districts))
    assert "2 of 2 targets of the crosswalk (such as 01), with 100% of the tracts," in sentence
    assert "are no district of the file (such as 1)" in sentence
    rows = [f"17031{number:06d},{number % 3 + 1},1" for number in range(100)]
    path.write_text("\n".join(["source,target,weight", *rows, "17031990000,lake,1"]))
    (finding,) = check(settings, districts=districts)
    assert not finding.is_fault
    assert "(such as lake), with 0.99% of the tracts, is no district" in finding.sentence
    path.write_text("source,target,weight\n06037000100,1,1\n")
    (sentence,) = faults(check(settings, districts=districts))
    assert "06037000100" in sentence


def test_dates_are_compared_with_the_archive(settings: Settings) -> None:
    day = pd.Timestamp("2020-10-16")
    rates = pd.DataFrame(
        {
            "data_date": day,
            "cumulative_share": 0.5,
            "internet_share": 0.4,
            "daily_share": np.nan,
            "daily_internet_share": np.nan,
        },
        index=pd.Index(["17031000100"], name="geoid"),
    )
    archive = Archive(settings.archive_folder, 2020)
    archive.append(rates, "test", dt.datetime(2020, 10, 16, tzinfo=dt.UTC))
    findings = check(settings, flight={"start": dt.date(2020, 5, 1), "end": dt.date(2020, 6, 1)})
    assert not any(finding.is_fault for finding in findings)
    assert "newer than the deadline" in findings[0].sentence
    assert "The flight ended on June 1, 2020" in findings[1].sentence
    (sentence,) = faults(check(settings, dt.date(2020, 5, 1)))
    assert "no rates of May 1, 2020" in sentence
    assert "October 16, 2020" in sentence


def test_files_of_the_settings_must_be_there(settings: Settings, tmp_path: Path) -> None:
    missing = settings.model_copy(update={"geotargets": tmp_path / "gone.csv"})
    (sentence,) = faults(check(missing))
    assert sentence.startswith("OUTREACH_GEOTARGETS names")


def test_the_requests_to_come_are_counted_by_area() -> None:
    one = describe_requests(parse_campaign(CAMPAIGN, "test"))
    two = parse_campaign(CAMPAIGN | {"areas": [{"state": "17"}, {"state": "18"}]}, "test")
    first, second = (int(text.split()[0]) for text in (one, describe_requests(two)))
    # The labels of a year are compared once, however many areas there are.
    labels = 1
    assert second - labels == 2 * (first - labels)
    archived = describe_requests(parse_campaign(CAMPAIGN, "test"), dt.date(2020, 5, 1))
    assert int(archived.split()[0]) == first - 1


def test_money_and_files_belong_together(settings: Settings) -> None:
    (sentence,) = faults(check(settings, channels=[{"name": "tictok"}]))
    assert sentence.startswith("'channels': The channel 'tictok' is no platform")
    assert "Did you mean 'tiktok'?" in sentence
    (apart,) = check(settings, channels=[{"name": "meta"}])
    assert "meta gets money, but 'platforms' does not name it" in apart.sentence
    (empty,) = check(settings, channels=[{"name": "meta"}], platforms=["meta", "google"])
    assert "google has no channel, so no money goes to it" in empty.sentence
    (twice,) = check(settings, platforms=["meta", "google"])
    assert "google" in twice.sentence
    assert "carries all of the money" in twice.sentence
    assert not any(each.is_fault for each in (apart, empty, twice))
