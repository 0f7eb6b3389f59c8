"""A name leads to the right codes, and one that may mean several areas is refused."""

import datetime as dt
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.find import choose_area, find_areas
from outreach.campaign import parse_campaign
from outreach.cli import cli
from outreach.errors import CampaignError
from outreach.sandbox.replay.season import ReplayedSeason
from outreach.sandbox.server import Sandbox
from outreach.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """No service answers here."""
    return read_settings(
        home=tmp_path, files_url="http://127.0.0.1:9", retries=0, timeout_seconds=1.0
    )


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Cook County, Illinois", 'state = "17", county = "031"'),
        ("cook county, il", 'state = "17", county = "031"'),
        ("Saint Louis County, MO", 'state = "29", county = "189"'),
        ("St. Louis County, Missouri", 'state = "29", county = "189"'),
        ("Miami-Dade County, FL", 'state = "12", county = "086"'),
        ("Capitol Planning Region, CT", 'state = "09", county = "110"'),
        ("District of Columbia", 'state = "11"'),
        ("Vermont", 'state = "50"'),
    ],
)
def test_a_name_leads_to_its_codes(name: str, codes: str, settings: Settings) -> None:
    assert choose_area(name, settings).codes == codes


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Springfeld", "No state, county, or place is called 'Springfeld'.*Name the state"),
        ("Washington County", "may mean Washington County, Alabama, Washington County, Arkansas"),
        ("Coo, IL", "may mean Cook County, Illinois"),
        ("Durham, XX", "'XX' is no state"),
    ],
)
def test_a_name_that_means_none_or_several_is_refused(
    name: str, words: str, settings: Settings
) -> None:
    with pytest.raises(CampaignError, match=words):
        choose_area(name, settings)


def test_places_that_cannot_be_searched_are_said(settings: Settings) -> None:
    found, remarks = find_areas("Chicago, IL", settings)
    assert found == []
    assert remarks[0].startswith("Places could not be searched: ")


def test_a_county_is_not_taken_for_a_city_that_could_not_be_searched(settings: Settings) -> None:
    with pytest.raises(CampaignError, match="or a place that was not looked for") as refusal:
        choose_area("Durham, NC", settings)
    assert "Places could not be searched" in str(refusal.value)
    assert "Write 'Durham County, North Carolina'" in str(refusal.value)
    assert choose_area("Durham County, NC", settings).area.county == "063"


@pytest.mark.real
def test_a_place_is_found_in_its_state_and_fills_a_campaign(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_HOME", str(tmp_path))
    with Sandbox(ReplayedSeason(real_data, dt.date(2020, 5, 28))) as sandbox:
        monkeypatch.setenv("OUTREACH_FILES_URL", sandbox.url)
        listed = CliRunner().invoke(cli, ["find", "chicago, IL"])
        path = tmp_path / "chicago.toml"
        written = CliRunner().invoke(cli, ["init", str(path), "--place", "Chicago, IL"])
    assert 'state = "17", place = "14000"' in listed.output
    assert written.exit_code == 0, written.output
    campaign = parse_campaign(tomllib.loads(path.read_text()), "test")
    assert [(area.state, area.county, area.place) for area in campaign.areas] == [
        ("17", None, "14000")
    ]
    assert campaign.name == "Chicago"
