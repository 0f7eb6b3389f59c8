"""A campaign is read as written, and a fault is named by file, key, and what is allowed."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from outreach.campaign import Area, Campaign, merge_areas, parse_campaign, read_campaign
from outreach.campaign.ad_formats import read_ad_formats
from outreach.cli.start.init import EXAMPLES, read_example
from outreach.errors import CampaignError

TOML = """
name = "Chicago, spring"
census_year = 2020
areas = [{ state = "17", county = "031" }]
goal_percent = 70
deadline = 2020-10-15
budget_usd = 50000
"""

#: A flight of four weeks.
FLIGHT = {"start": dt.date(2020, 6, 1), "end": dt.date(2020, 6, 28)}

REQUEST: dict[str, Any] = {
    "name": "Chicago",
    "census_year": 2020,
    "areas": [{"state": "17", "county": "031"}],
    "goal_percent": 70,
    "deadline": "2020-10-15",
    "budget_usd": 50_000,
}

INDICATOR: dict[str, Any] = {
    "name": "asthma",
    "title": "Adults with asthma",
    "file": "asthma.csv",
    "tract_column": "geoid",
    "value_column": "asthma_pct",
    "unit": "percent",
    "vintage": 2019,
    "source": "Health Department",
}

PLACES: dict[str, Any] = {"name": "Libraries", "file": "libraries.csv"}

META: dict[str, Any] = {"name": "meta", "cpm_usd": 14.75}


def test_a_campaign_file_is_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "campaign.toml"
    path.write_text("\ufeff" + TOML, encoding="utf-8")
    campaign = read_campaign(path)
    assert campaign.areas == (Area(state="17", county="031"),)
    assert campaign.goal_share == 0.7
    assert campaign.deadline == dt.date(2020, 10, 15)
    assert campaign.slug == "chicago-spring"
    with pytest.raises(ValidationError):
        campaign.name = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"goal_percent": 140},
            r"mine\.toml: 'goal_percent' must be less than or equal to 100, not 140",
        ),
        (
            {"goal": 70},
            r"'goal' is not a campaign key; keys allowed here: name, census_year, .*areas",
        ),
        ({"areas": []}, r"'areas' must not be empty"),
        (
            {"units": {"minimum_spend_usd": 500, "maximum_spend_usd": 100}},
            r"maximum_spend_usd 100 is below minimum_spend_usd 500",
        ),
        ({"areas": [{"state": 99}]}, r"'areas\[1\]\.state' must be text in quotes, not 99\.$"),
        (
            {"indicators": [INDICATOR | {"unit": "dollars"}]},
            (
                r"'indicators\[1\]\.unit' must be 'percent', 'share', 'count', 'usd', 'index' or"
                r" 'class'"
            ),
        ),
        (
            {"indicators": [INDICATOR | {"title": "{0}"}]},
            r"'indicators\[1\]\.title' must be one line of text without .* braces",
        ),
        ({"indicators": [INDICATOR, INDICATOR]}, r"two indicators have the name 'asthma'"),
        ({"places": [PLACES, PLACES | {"name": "LIBRARIES"}]}, r"two \[\[places\]\] have the name"),
        (
            {"places": [PLACES | {"latitude_column": "lat"}]},
            "latitude_column and longitude_column belong together",
        ),
        (
            {"places": [PLACES | {"hours": "9-5"}]},
            r"'places\[1\]\.hours' is not a campaign key; keys allowed here: name, file, layer",
        ),
        ({"places": [PLACES | {"far_miles": 0}]}, r"'places\[1\]\.far_miles' must be greater than"),
        (
            {"indicators": [INDICATOR | {"predictor": True, "vintage": 2024}]},
            r"'asthma' is of 2024, after the census of 2020, so it cannot be a predictor",
        ),
        (
            {"indicators": [INDICATOR | {"predictor": True, "partial": True}]},
            r"a predictor must cover the whole area",
        ),
        (
            {"indicators": [INDICATOR | {"value_is": "Internet First"}]},
            r"value_is is for a column of classes; set unit = \"share\"",
        ),
        (
            {"indicators": [INDICATOR | {"earlier": {"2019": "x"}}]},
            r"earlier has 2019, which is not before 2019, the time of value_column",
        ),
        (
            {"indicators": [INDICATOR | {"earlier": {"2018-02-30": "x"}}]},
            r"2018-02-30 is no day; write it as 2024-03-31",
        ),
        (
            {"indicators": [INDICATOR | {"day": dt.date(2018, 5, 1)}]},
            r"day is 2018-05-01, but vintage is 2019",
        ),
        (
            {"indicators": [INDICATOR | {"tract_year": 2022}]},
            (
                r"2010, 2020, or 2030, not 2022; for codes of 2022, Connecticut's too, that is"
                r" 2020\."
            ),
        ),
        (
            {"indicators": [INDICATOR | {"tract_year": 2000}]},
            r"the codes are of, 2010, 2020, or 2030, not 2000\.",
        ),
        (
            {"indicators": [INDICATOR | {"classes": ["A", "B"]}]},
            r"classes are for a column of words; set unit = \"class\"",
        ),
        (
            {"indicators": [INDICATOR | {"unit": "class", "classes": ["A"]}]},
            r"needs classes, 2 to 8 words of the column, such as",
        ),
        (
            {"indicators": [INDICATOR | {"unit": "class", "classes": ["A", "B", "a"]}]},
            r"classes has 'A' twice; name each class once",
        ),
        (
            {
                "indicators": [
                    INDICATOR | {"earlier": {"2018": "x"}},
                    INDICATOR | {"name": "asthma_2018"},
                ]
            },
            r"two indicators make the column 'indicator_asthma_2018_share'",
        ),
        (
            {
                "indicators": [
                    INDICATOR | {"unit": "class", "classes": ["A", "B"], "predictor": True}
                ]
            },
            r"a column of words cannot be a predictor; set predictor = false, or bring one class",
        ),
        (
            {
                "indicators": [
                    INDICATOR | {"unit": "class", "classes": ["A", "B"], "earlier": {"2018": "x"}}
                ]
            },
            r"earlier is for figures; a column of words has no series",
        ),
        (
            {"indicators": [INDICATOR | {"last_column": "asthma_2009"}]},
            r"last_column and last_vintage belong together",
        ),
        (
            {"indicators": [INDICATOR | {"last_column": "x", "last_vintage": 2009}]},
            r"last_column is for a predictor",
        ),
        (
            {
                "indicators": [
                    INDICATOR | {"predictor": True, "last_column": "x", "last_vintage": 2015}
                ]
            },
            r"last_vintage of the indicator 'asthma' is 2015, after the last census of 2010",
        ),
        ({"holdout": {"looks": [0.5]}}, r"has looks, but there is no \[flight\] that they are of"),
        (
            {"flight": FLIGHT, "holdout": {"looks": [0.2]}},
            r"the look 0\.2 of \[holdout\] is on 2020-06-06, 21% of the way",
        ),
        (
            {"flight": FLIGHT, "holdout": {"looks": [dt.date(2020, 6, 28)]}},
            r"the look 2020-06-28 of \[holdout\] is on 2020-06-28, 100% of the way",
        ),
        (
            {"flight": FLIGHT, "holdout": {"looks": [0.5, dt.date(2020, 6, 14)]}},
            r"two looks of \[holdout\] are on the same day; keep one of them",
        ),
        (
            {"flight": FLIGHT, "holdout": {"looks": ["half"]}},
            r"'holdout\.looks\[1\]' is invalid: write a day without quotes, such as 2020-06-14, or",
        ),
        ({"name": "a\nb"}, r"'name' must be one line of text"),
        ({"name": "x" * 201}, r"'name' may have at most 200 characters"),
        ({"goal_percent": True}, r"'goal_percent' must be a number without quotes"),
        ({"goal_percent": 0.75}, r"'goal_percent' must be greater than or equal to 1"),
        ({"budget_usd": "70"}, r"'budget_usd' must be a number without quotes"),
        ({"creative_languages": ["english"]}, r"an ISO language code"),
        ({"platforms": []}, r"'platforms' must not be empty"),
        ({"forecast": {"trend_percent": 10}}, r"'forecast\.trajectory_percent' is missing"),
        (
            {
                "forecast": {
                    "trajectory_percent": 80,
                    "trend_percent": 10,
                    "expectation_percent": 20,
                }
            },
            (
                r"'forecast' is invalid: trajectory_percent, trend_percent, and "
                r"expectation_percent add "
                r"up to 110; they must add up to 100"
            ),
        ),
        (
            {
                "forecast": {
                    "trajectory_percent": 120,
                    "trend_percent": -20,
                    "expectation_percent": 0,
                }
            },
            r"'forecast\.trajectory_percent' must be less than or equal to 100, not 120",
        ),
        (
            {"forecast": {"weights": 1}},
            r"keys allowed here: trajectory_percent, trend_percent, expectation_percent",
        ),
        ({"areas": [{"state": 17}]}, r"'areas\[1\]\.state' must be text in quotes, not 17"),
        (
            {"areas": [{"state": "Illinois"}]},
            r"""'areas\[1\]\.state' must be two digits in quotes, such as "17", not 'Illinois'""",
        ),
        (
            {"areas": [{"state": "\uff11\uff17"}]},
            r"'areas\[1\]\.state' must be two digits in quotes",
        ),
        (
            {"areas": [{"state": "17", "county": "31"}]},
            r"three digits in quotes, such as \"031\", not '31'",
        ),
        (
            {"areas": [{"state": "17", "tracts": ["18031010100"]}]},
            r"tract 18031010100 is not in state 17",
        ),
        (
            {"areas": [{"state": "17", "city": "Chicago"}]},
            r"'areas\[1\]\.city' is not a campaign key; .* state, county, place, tracts",
        ),
        ({"deadline": "autumn"}, r"'deadline' .*not 'autumn'"),
        ({"kind": "election"}, r"'kind' must be 'participation' or 'recruitment', not 'election'"),
        ({"budget_usd": -1}, r"'budget_usd' must be greater than or equal to 0, not -1"),
        (
            {"keep_borderline": "no"},
            r"'keep_borderline' must be true or false without quotes, not 'no'",
        ),
        (
            {"holdout": {"percent": 50, "design": "saturation"}},
            r"percent = 50 leaves areas drawn high and low too much alike; use 40 or less",
        ),
        (
            {"holdout": {"buffer": "both"}},
            r"'holdout\.buffer' must be 'treat', 'holdout' or 'none', not 'both'",
        ),
        (
            {"channels": [{"name": "Meta Ads", "cpm_usd": 9}]},
            r"'channels\[1\]\.name' must be a short name in lowercase",
        ),
        (
            {"channels": [{"name": "google", "ad_format": "social"}]},
            r"google has no ads of the format 'social'; choose from display, demand_gen, video",
        ),
        (
            {"map": {"basemap": "http://tiles.example.org/{z}/{x}/{y}.png"}},
            r"'map' is invalid: basemap must be an address such as https://tiles\.example\.org/",
        ),
        (
            {"map": {"basemap": "https://tiles.example.org/{z}/{x}.png"}},
            r"basemap must be an address such as",
        ),
        (
            {"map": {"basemap": "https://a.example; script-src *//{z}/{x}/{y}"}},
            r"basemap must be an address such as",
        ),
        (
            {"map": {"basemap": "https://tiles.example.org/{z}/{x}/{y}.png"}},
            r"basemap needs basemap_credit",
        ),
        ({"map": {"roads": True}}, r"'map\.roads' is not a campaign key; .* context, basemap"),
        ({"ad_format": "search"}, r"meta has no ads of the format 'search'; choose from social"),
        (
            {"channels": [{"name": "meta", "cpm": 9}]},
            r"'channels\[1\]\.cpm' is not a campaign key; .* name, ad_format, cpm_usd",
        ),
        (
            {"channels": [META, META]},
            r"The campaign is invalid: a channel or a floor appears twice",
        ),
        (
            {"floors": [{"usd": 9}]},
            r"'floors\[1\]' is invalid: name one of language, district, or channel",
        ),
        ({"floors": [{"language": "es"}]}, r"set one amount above 0, either usd or percent"),
        ({"floors": [{"language": "es", "usd": 1, "percent": 2}]}, r"either usd or percent"),
        ({"floors": [{"language": "en", "usd": 1}]}, r"English cannot have a floor"),
        (
            {"floors": [{"channel": "meta", "usd": 1}]},
            r"names the channel meta, which is not in \[\[channels\]\]",
        ),
        (
            {"floors": [{"district": "3", "usd": 1}]},
            r"names a district, but there are no \[\[districts\]\]",
        ),
        (
            {"floors": [{"district": "3", "of": "Ward", "usd": 1}]},
            r"for Ward, but no \[\[districts\]\] has that name",
        ),
        (
            {
                "channels": [META],
                "floors": [{"channel": "meta", "usd": 1}, {"language": "es", "usd": 1}],
            },
            r"it has floors for channel and for language, so a dollar would count twice",
        ),
        (
            {"floors": [{"language": "es", "percent": 60}, {"language": "pl", "usd": 30_000}]},
            r"its floors add up to \$60,000\.00, more than the budget of \$50,000\.00",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_what_is_allowed(
    change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CampaignError, match=sentence) as caught:
        parse_campaign({**REQUEST, **change}, "mine.toml")
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("changes", "ad_formats", "cpm_usd"),
    [
        ({}, {"meta": "social"}, 14.75),
        ({"platforms": ["csv", "google"]}, {"google": "display"}, 3),
        ({"platforms": ["google"], "ad_format": "video"}, {"google": "video"}, 10),
        ({"platforms": ["google"], "cpm_usd": 4}, {"google": "display"}, 4),
        ({"channels": [{"name": "tiktok"}, META]}, {"tiktok": "short_video", "meta": "social"}, 8),
    ],
)
def test_the_price_that_a_planner_leaves_out_is_that_of_the_ads_that_the_file_is_for(
    changes: dict[str, Any], ad_formats: dict[str, str], cpm_usd: float
) -> None:
    campaign = parse_campaign(REQUEST | changes, "mine.toml")
    assert campaign.ad_formats == ad_formats
    assert campaign.cpm_usd == cpm_usd


def test_a_fault_elsewhere_is_said_alone_without_the_price_that_depends_on_it() -> None:
    with pytest.raises(CampaignError) as caught:
        parse_campaign(REQUEST | {"platforms": 3}, "mine.toml")
    assert "cpm_usd" not in str(caught.value)


def test_every_format_has_a_price_in_order_and_a_source() -> None:
    for ad_format in read_ad_formats().values():
        for fact in (ad_format.cpm_usd, ad_format.click_share, ad_format.penetration_share):
            low, mid, high = fact.value
            assert 0 < low <= mid <= high
            assert fact.checked is not None


@pytest.mark.parametrize("key", sorted(REQUEST))
def test_a_missing_value_is_named(key: str) -> None:
    with pytest.raises(CampaignError, match=f"'{key}' is missing"):
        parse_campaign({name: value for name, value in REQUEST.items() if name != key}, "mine.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match=r"nowhere\.toml: No such file.*Run 'outreach init'"):
        read_campaign(tmp_path / "nowhere.toml")
    (tmp_path / "bad.toml").write_text("name = \n")
    with pytest.raises(CampaignError, match=r"bad\.toml is not valid TOML: .*line 1"):
        read_campaign(tmp_path / "bad.toml")
    (tmp_path / "latin.toml").write_bytes(b'name = "Ca\xf1on"')
    with pytest.raises(CampaignError, match=r"latin\.toml: it is not UTF-8 text"):
        read_campaign(tmp_path / "latin.toml")


def test_an_area_holds_what_its_codes_say() -> None:
    county = Area(state="17", county="031")
    assert county.holds("17031010100")
    assert not county.holds("17043840000")
    named = Area(state="17", tracts=("17031010100",))
    assert named.holds("17031010100")
    assert not named.holds("17031320100")
    assert (
        Area(state="17", county="031", place="14000").label == "state 17, county 031, place 14000"
    )


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Über Ñandú 2030!", "ber-and-2030"), ("日本", "campaign"), ("a" * 90, "a" * 60)],
)
def test_any_name_gives_a_folder_name(name: str, slug: str) -> None:
    assert Campaign.model_validate({**REQUEST, "name": name}).slug == slug


def test_paths_are_relative_to_the_campaign_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("city")
    folder.mkdir()
    text = (
        'name = "City"\ncensus_year = 2020\ngoal_percent = 75\ndeadline = 2020-10-15\n'
        'budget_usd = 1\n[[areas]]\nstate = "17"\n[units]\nzips = "zips.csv"\nblocks = "auto"\n'
        '[[districts]]\nname = "Ward"\nfile = "maps/wards.shp"\nid_column = "id"\n'
        'crosswalk = "/data/split.csv"\n'
        '[[districts]]\nname = "Area"\nfile = "https://www2.census.gov/a.zip"\nid_column = "id"\n'
    )
    (folder / "campaign.toml").write_text(text)
    campaign = read_campaign(folder / "campaign.toml")
    assert campaign.units.zips == "city/zips.csv"
    assert campaign.units.blocks == "auto"
    assert campaign.districts[0].file == "city/maps/wards.shp"
    assert campaign.districts[0].crosswalk == "/data/split.csv"
    assert campaign.districts[1].file == "https://www2.census.gov/a.zip"
    monkeypatch.chdir(folder)
    assert read_campaign(Path("campaign.toml")).districts[0].file == "maps/wards.shp"


@pytest.mark.parametrize(
    ("areas", "requested"),
    [
        # A county inside a state, and a place inside that county, are in the state's answer.
        (
            [{"state": "17"}, {"state": "17", "county": "031"}, {"state": "17", "place": "14000"}],
            [("17", None, ())],
        ),
        # A place stands for its county, which is there too.
        (
            [{"state": "17", "county": "031", "place": "14000"}, {"state": "17", "county": "031"}],
            [("17", "031", ())],
        ),
        # Named tracts: those of a whole county come with it, the others together.
        (
            [
                {"state": "17", "tracts": ["17031010100", "17043840000"]},
                {"state": "17", "county": "031"},
                {"state": "17", "tracts": ["17043840000", "17043840100"]},
            ],
            [("17", "031", ()), ("17", "043", ("17043840000", "17043840100"))],
        ),
        ([{"state": "10"}, {"state": "11"}], [("10", None, ()), ("11", None, ())]),
        # Connecticut answers as a whole, so two of its counties are one request.
        (
            [{"state": "09", "county": "001"}, {"state": "09", "county": "003"}, {"state": "10"}],
            [("10", None, ()), ("09", None, ())],
        ),
        ([{"state": "09", "county": "001"}], [("09", "001", ())]),
    ],
)
def test_areas_that_overlap_are_requested_once(
    areas: list[dict[str, Any]], requested: list[tuple[str, str | None, tuple[str, ...]]]
) -> None:
    merged = merge_areas(Area(**area) for area in areas)
    assert [(area.state, area.county, area.tracts) for area in merged] == requested


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_a_campaign(name: str) -> None:
    assert parse_campaign(tomllib.loads(read_example(name)), name).name


def test_one_example_is_filled_with_what_a_buyer_asks_about() -> None:
    text = read_example("chicago_districts_2020")
    campaign = parse_campaign(tomllib.loads(text), "the example")
    assert campaign.districts
    assert campaign.flight
    assert campaign.fee_percent > 0
    assert campaign.channels
    assert campaign.floors
    assert campaign.holdout.percent > 0
    assert set(campaign.platforms) > {channel.name for channel in campaign.channels}
