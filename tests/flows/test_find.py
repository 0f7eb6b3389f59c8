"""A name leads to the right codes, and one that may mean several areas is refused."""

import datetime as dt
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import us
from click.testing import CliRunner

from flows.find import choose_area, find_areas
from flows.steps.planning.first_campaign import fill_template
from outreach.archive import Archive
from outreach.campaign import Campaign, parse_campaign
from outreach.census.client import discover_datasets
from outreach.cli import cli
from outreach.cli.start.init import read_example
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


@pytest.mark.parametrize(
    ("states", "least"),
    [
        # Cities that are counties of their own beside counties of the same name.
        ((us.states.VA, us.states.MD, us.states.MO), 270),
        pytest.param((*us.STATES, us.states.DC), 3_100, marks=pytest.mark.bench),
    ],
)
def test_every_county_by_its_name_is_one_code(
    states: tuple[us.states.State, ...], least: int, settings: Settings
) -> None:
    wrong, asked, count = [], {}, 0
    for state in states:
        for county in state.counties:
            name, count = f"{county.name}, {state.abbr}", count + 1
            try:
                area = choose_area(name, settings).area
            except CampaignError as error:
                asked[name] = str(error)
            else:
                if f"{area.state}{area.county}" != str(county.fips):
                    wrong.append(name)
    assert count > least
    assert wrong == []
    assert asked == {}


@pytest.mark.parametrize(
    "most",
    [
        # One county of each state in the suite, all of them in the bench.
        1,
        pytest.param(10_000, marks=pytest.mark.bench),
    ],
)
def test_a_campaign_is_filled_for_the_counties_of_every_state_without_a_network(
    most: int, settings: Settings
) -> None:
    states = (*us.STATES, us.states.DC, us.states.PR)
    counties = [county for state in states for county in state.counties]
    # The counties of the 2020 Census: 3,143 of the states and the District, 78 of Puerto Rico.
    assert len({county.fips for county in counties}) == len(counties) == 3_143 + 78

    wrong = []
    for state in states:
        for county in state.counties[-most:]:
            campaign, _ = fill(f"{county.name}, {state.abbr}", settings)
            if (campaign.codes, campaign.census_year) != ((county.fips,), 2030):
                wrong.append(county.fips)
    assert wrong == []


def fill(place: str, settings: Settings) -> tuple[Campaign, str]:
    """Fill the template for a place; return the campaign and the text."""
    found = choose_area(place, settings)
    text = fill_template(read_example("template"), found.name, found.area, settings)
    return parse_campaign(tomllib.loads(text), "filled"), text


def test_a_filled_campaign_is_a_plan_and_each_line_says_where_it_comes_from(
    settings: Settings,
) -> None:
    table = pd.DataFrame(
        {
            "data_date": pd.Timestamp("2020-10-16"),
            "cumulative_share": [0.612, 0.703],
            "internet_share": 0.5,
            "daily_share": float("nan"),
            "daily_internet_share": float("nan"),
        },
        index=pd.Index(["17031010100", "17031010201"], name="geoid"),
    )
    Archive(settings.archive_folder).append(table, "test", dt.datetime(2020, 10, 17, tzinfo=dt.UTC))
    campaign, text = fill("Cook County, IL", settings)
    assert (campaign.name, campaign.census_year, campaign.codes) == (
        "Cook County",
        2030,
        ("17031",),
    )
    assert campaign.goal_percent == 65.8
    assert "# the mean of 2 tracts on October 16, 2020, from the archive; ask for more" in text
    assert campaign.vintages.acs == max(discover_datasets()["acs5"].vintages)
    assert [one.name for one in campaign.districts] == ["State senate", "State house", "Place"]
    assert campaign.districts[1].file.endswith("_17_sldl_500k.zip")
    filled = [line for line in text.splitlines() if line not in read_example("template")]
    assert [
        line for line in filled if line.startswith(("goal", "dead", "acs")) and "#" not in line
    ] == []

    # One house in Nebraska and in the District of Columbia; no rates of theirs are archived.
    for place, kinds in (("Nebraska", 2), ("District of Columbia", 2), ("Vermont", 3)):
        campaign, text = fill(place, settings)
        assert len(campaign.districts) == kinds, place
        assert "# a default: the archive has no rates of 2020 for this area" in text


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
