"""The atlas works in a real browser, from files in a folder, without a network."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from PIL import ImageColor

from maps.atlas.charts import draw_spread, draw_trend
from maps.atlas.counties import StateFigures, measure_state, rank_figures
from maps.atlas.edition import Edition
from maps.atlas.finder import encode_finder
from maps.atlas.ground import encode_ground, encode_numbers
from maps.atlas.inputs import Atlas, County, Finder
from maps.atlas.pages import draw_ground
from maps.atlas.places import name_state
from maps.atlas.weights import Weight
from maps.topology import join_dateline
from outreach.catalog import read_all, read_words
from outreach.charts import Chart
from outreach.phrasing import strip_overrides
from tests.browser import OfflineBrowser, find_violations, wait_until
from tests.maps.run.paper import print_picture, read_paper

HOSTILE = (
    "<script>window.hacked = true</script> \"><img src=x onerror='window.hacked = true'>"
    " \u202eright to left\u202c"
)
ENGLISH = read_words("en")
STATES = {"17": ("001", "003"), "55": ("001",), "15": ("001",)}
WHEN = pd.Timestamp("2020-06-12")
#: Two cities of one name, one of them in two counties, and a ZIP in two counties.
FINDER = Finder(
    pd.DataFrame(
        [
            ("Chicago", "17001"),
            ("Chicago", "17003"),
            ("Chicago Heights", "17001"),
            ("Hilo #1 Bay <b>", "15001"),
            ("St. Louis", "17003"),
            ("St. Louis", "55001"),
            ("Elsewhere", "99001"),
        ],
        columns=["name", "county"],
    ),
    pd.DataFrame(
        [("60629", "17001"), ("60601", "17001"), ("60601", "17003"), ("96720", "15001")],
        columns=["zip", "county"],
    ),
)


def read_tags(chart: Chart, tag: str) -> list[ET.Element]:
    """Return the elements of a chart with a tag."""
    return list(ET.fromstring(chart.__html__()).iter(tag))


def grow_rates() -> pd.DataFrame:
    """Invent a season of weekdays for 12 tracts per county; one county is late."""
    days = pd.bdate_range(WHEN - pd.Timedelta(days=50), WHEN)
    rows = []
    for state, counties in STATES.items():
        for number, county in enumerate(counties):
            for place in range(12):
                final = 0.30 + 0.04 * place + 0.05 * number
                for step, day in enumerate(days):
                    rate = round(final * (1 - np.exp(-(step + 5) / 15)), 3)
                    rows.append((f"{state}{county}{place + 1:04d}00", day, rate, rate * 0.8))
    table = pd.DataFrame(
        rows, columns=["geoid", "data_date", "cumulative_share", "internet_share"]
    ).set_index("geoid")
    behind = table.index.str.startswith("15001") & (table["data_date"] == WHEN)
    lapsed = (table.index == "17001001200") & (table["data_date"] == WHEN)
    return table[~behind & ~lapsed]


def draw_tracts(county: str, west: float, south: float) -> gpd.GeoSeries:
    """Draw 13 tracts in a row, the last one without a rate."""
    shapes = {
        f"{county}{place + 1:04d}00": shapely.box(
            west + place / 50, south, west + (place + 1) / 50, south + 0.13
        )
        for place in range(13)
    }
    return gpd.GeoSeries(shapes, crs="EPSG:4326")


@pytest.fixture(scope="module")
def told() -> dict[str, StateFigures]:
    rates = grow_rates()
    return {state: measure_state(rates[rates.index.str[:2] == state]) for state in STATES}


@pytest.fixture(scope="module")
def atlas(told: dict[str, StateFigures]) -> Atlas:
    counties = pd.concat([state.counties for state in told.values()])
    tracts = pd.concat([state.tracts for state in told.values()])
    counties["name"] = [HOSTILE, "Bond County", "Adams County", "Hawaii County"]
    counties["state"] = counties.index.str[:2]
    counties["rank"] = counties["state_rank"] = rank_figures(counties["cumulative_share"])
    return Atlas(
        data_date=WHEN.date(),
        census_year=2020,
        counties=counties,
        states={code: name_state(code) for code in STATES},
        averages=tracts.groupby(tracts["county"].str[:2])["cumulative_share"].mean().to_dict(),
        state_weights=dict.fromkeys(STATES, Weight.TRACTS),
        average=float(tracts["cumulative_share"].mean()),
        weight=Weight.TRACTS,
        tracts=tracts,
        unmapped=("<i>Idaho</i>",),
        finder=FINDER,
    )


def make_county(told: dict[str, StateFigures], code: str, shapes: gpd.GeoSeries | None) -> County:
    state = told[code[:2]]
    tracts = state.tracts[state.tracts["county"] == code]
    names = ["</script><b>1</b>", *(str(number) for number in range(2, 13))]
    status = np.where(tracts["cumulative_share"].notna(), "rated", "lapsed")
    table = tracts.assign(name=names, status=status)
    if shapes is not None:
        table = pd.concat(
            [table, pd.DataFrame({"name": "13", "status": "rateless"}, index=shapes.index[12:])]
        )
    return County(
        code=code,
        tracts=table,
        shapes=shapes,
        own=state.season[code],
        whole=state.season[code[:2]],
        undrawn=("<u>n</u>",),
    )


@pytest.fixture(scope="module")
def folder(
    told: dict[str, StateFigures], atlas: Atlas, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Write an atlas of four counties: one without tract polygons, one without an outline."""
    root = tmp_path_factory.mktemp("an atlas")
    editions = [Edition(atlas, read_all(), words) for words in read_all()]
    polygons = {
        "17001": draw_tracts("17001", -88, 40),
        "17003": draw_tracts("17003", -88, 40.13),
        "15001": draw_tracts("15001", -156, 20),
    }
    united = [shapes.union_all() for shapes in polygons.values()]
    outlines = gpd.GeoDataFrame(geometry=united, index=list(polygons), crs="EPSG:4326")
    for edition in editions:
        edition.write_assets(root)
        for code in atlas.counties.index:
            county = make_county(told, code, polygons.get(code))
            edition.write_county(root, county, draw_ground(county))
        edition.write_overview(root, outlines)
    return root


def test_numbers_are_encoded_as_in_source_maps() -> None:
    # Examples of the source map format, https://tc39.es/ecma426/#sec-base64-vlq.
    assert encode_numbers([0, 1, -1, 15, 16, -16, 511, 512]) == "ACDegBhB+fggB"


def test_a_page_knows_its_polygons_by_the_rows_of_its_table() -> None:
    shapes = draw_tracts("17001", -88, 40)
    ground = encode_ground(shapes.reindex(["17001000300", "17001999900", "17001000100"]))
    assert [len(parts) for parts in ground["shapes"]] == [1, 0, 1]


def test_small_islands_are_dropped_but_never_a_whole_county() -> None:
    mainland, speck = shapely.box(0, 0, 10, 10), shapely.box(12, 0, 12.001, 0.001)
    ground = encode_ground(gpd.GeoSeries([shapely.union(mainland, speck), speck]))
    assert [len(parts) for parts in ground["shapes"]] == [1, 1]


def test_islands_on_both_sides_of_the_date_line_lie_side_by_side() -> None:
    both = gpd.GeoSeries(
        [shapely.box(-179, 51, -178, 52), shapely.box(178, 51, 179, 52)], crs="EPSG:4326"
    )
    assert join_dateline(both).total_bounds.tolist() == [178, 51, 182, 52]
    assert join_dateline(both[:1]).total_bounds.tolist() == [-179, 51, -178, 52]


def test_the_trend_draws_both_lines_to_the_same_scale() -> None:
    days = pd.to_datetime(["2020-04-01", "2020-05-01", "2020-06-01"])
    own, whole = pd.Series([0.2, 0.4, 0.6], days), pd.Series([0.2, 0.3, 0.6], days)
    trend = draw_trend("Cook", "Illinois", own, whole, ENGLISH)
    assert trend is not None
    lines = {line.get("class"): line.get("points") for line in read_tags(trend, "polyline")}
    own_points, whole_points = (str(lines[name]).split(" ") for name in ("rate", "whole"))
    assert (own_points[0], own_points[2]) == (whole_points[0], whole_points[2])
    assert float(own_points[1].split(",")[1]) < float(whole_points[1].split(",")[1])
    assert draw_trend("Cook", "Illinois", own[:1], own[:1], ENGLISH) is None


def test_the_spread_counts_every_tract_once() -> None:
    spread = draw_spread(pd.Series([0.0, 0.35, 0.351, 1.0, np.nan]), ENGLISH)
    assert spread is not None
    assert [title.text for title in read_tags(spread, "title")] == [
        "0\N{EN DASH}5%: 1 tract",
        "35\N{EN DASH}40%: 2 tracts",
        "95\N{EN DASH}100%: 1 tract",
    ]
    assert draw_spread(pd.Series([np.nan]), ENGLISH) is None


def test_pages_say_date_source_method_and_what_is_missing(folder: Path) -> None:
    county = (folder / "counties" / "17001.html").read_text(encoding="utf-8")
    for words in (
        "June 12, 2020",
        "plain mean of its tracts",
        "No rate is published for 1 tract: 13.",
        "not on the data date, for 1 tract: 12 (last on June 11, 2020).",
    ):
        assert words in county
    bare = (folder / "counties" / "55001.html").read_text(encoding="utf-8")
    assert "No map" in bare
    assert 'id="ground"' not in bare
    overview = (folder / "index.html").read_text(encoding="utf-8")
    for words in (
        "June 12, 2020",
        "U.S. Census Bureau, 2020 Census self-response rates",
        "because the boundary is missing: 1 county (Adams County, WI)",
        "Drawn separately: Hawaii",
        "June 11, 2020",
    ):
        assert words in overview


def test_a_county_s_page_is_small(folder: Path) -> None:
    assert max(page.stat().st_size for page in (folder / "counties").iterdir()) < 20_000


class Visitor(OfflineBrowser):
    """Opens pages of the atlas."""

    def __init__(self, browser: Any, root: Path) -> None:
        super().__init__(browser)
        self._root = root

    def open(
        self, name: str = "index.html", *, width: int = 1280, height: int = 800, **options: Any
    ) -> Any:
        """Open one of the atlas's files."""
        address = f"file://{self._root}/{name}"
        return self.open_address(address, width=width, height=height, **options)


@pytest.fixture
def visitor(chromium: Any, folder: Path) -> Iterator[Visitor]:
    person = Visitor(chromium, folder)
    yield person
    assert person.complaints == []


def names(page: Any) -> list[str]:
    """Return the names of the table's rows that can be seen, in order."""
    return page.eval_on_selector_all(
        "#places tbody tr:not([hidden]) th a", "links => links.map(link => link.textContent)"
    )


def read_text(page: str) -> str:
    """Return what a page says, its labels included, without its scripts."""
    body = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(re.findall(r">([^<]+)<", body) + re.findall(r'aria-label="([^"]+)"', body))


@pytest.mark.parametrize("name", ["index.html", "counties/17001.html", "counties/55001.html"])
def test_the_spanish_edition_says_all_and_has_the_same_figures(folder: Path, name: str) -> None:
    english, spanish = (
        read_text((folder / code / name).read_text(encoding="utf-8")) for code in ("", "es")
    )
    figures = [re.findall(r"[\d,]*\.\d", text) for text in (english, spanish)]
    assert sorted(figures[0]) == sorted(figures[1])
    texts = ENGLISH.pick("atlas")
    # A short heading may be a part of a name or of another language's word.
    plain = [text for text in texts.values() if isinstance(text, str) and "{" not in text]
    assert [text for text in plain if len(text) > 6 and text in spanish] == []
    assert "Oficina del Censo" in spanish
    assert "12 de junio de 2020" in spanish


def test_editions_share_style_and_script_and_lead_to_each_other(folder: Path) -> None:
    assert len(list((folder / "assets").glob("*.css"))) == 1
    assert len(list((folder / "assets").glob("*.js"))) == 3
    for name in ("index.html", "es/index.html", "counties/17001.html", "es/counties/17001.html"):
        page = folder / name
        tags = r'<(?:a|link|script)\b[^>]*?\b(?:href|src)="?([^"#> ]+)'
        links = re.findall(tags, page.read_text(encoding="utf-8"))
        assert links
        assert all((page.parent / link).is_file() for link in links), name
        twin = (
            (folder / name.removeprefix("es/")) if name.startswith("es/") else folder / "es" / name
        )
        assert any((page.parent / link).resolve() == twin.resolve() for link in links)


@pytest.mark.browser
def test_the_spanish_edition_works_as_the_english_one(visitor: Visitor) -> None:
    page = visitor.open("es/index.html")
    assert "Tasa de respuesta" in page.inner_text("#legend")
    assert page.inner_text("#tally") == "4 condados"
    page.select_option("#state", "IL")
    assert page.inner_text("#tally") == "2 de 4 condados"
    page.click("#places th[data-column=change_28_points] button")
    page.click("#places tbody tr:not([hidden]) a")
    page.wait_for_url("**/es/counties/*.html")
    assert "tractos" in page.inner_text("#tally")
    page.click("#languages a[lang=en]")
    page.wait_for_function("document.documentElement.lang === 'en'")
    page.wait_for_selector("#tally b")
    assert "tracts" in page.inner_text("#tally")


@pytest.mark.browser
def test_a_click_on_the_map_opens_the_county_and_back_leads_to_its_state(
    visitor: Visitor,
) -> None:
    page = visitor.open()
    page.select_option("#state", "IL")
    assert page.inner_text("#tally") == "2 of 4 counties"
    assert sum(map(int, page.locator("#legend li em").all_inner_texts())) == 2
    box = page.locator("#map").bounding_box()
    # Illinois fills the map, Bond County the northern half of it.
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.3)
    page.wait_for_url("**/counties/17003.html")
    assert page.inner_text("h1") == "Bond County, Illinois"
    page.click(".back a")
    page.wait_for_url("**/index.html#state=IL")
    assert page.inner_text("#tally") == "2 of 4 counties"
    page.go_back()
    page.go_back()
    assert page.input_value("#state") == "IL"


@pytest.mark.browser
@pytest.mark.parametrize("name", ["index.html#state=IL", "counties/17003.html"])
def test_paper_has_the_map_and_its_legend_on_the_first_page(
    visitor: Visitor, tmp_path: Path, name: str
) -> None:
    page = visitor.open(name)
    colors = page.evaluate("ATLAS.scales[0].colors")
    paper = print_picture(page, tmp_path)
    pixels = np.asarray(paper).astype(int)
    shown = [np.abs(pixels - ImageColor.getrgb(color)).max(axis=2) <= 15 for color in colors]
    # Swatches of the legend and bars of a chart have at most 7,000.
    assert np.any(shown, axis=0).sum() > 40_000
    first = read_paper(tmp_path).split("\f")[0]
    assert "Response rate" in first
    assert "8 classes in fixed steps of 10 points" in first
    # The screen is as it was.
    assert page.locator("#map").bounding_box()["height"] in (500, 540)


@pytest.mark.browser
def test_pages_open_and_close_with_the_keyboard(visitor: Visitor) -> None:
    page = visitor.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#find")
    page.keyboard.type("bond")
    assert names(page) == ["Bond County"]
    page.focus("#places tbody tr:not([hidden]) a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/counties/17003.html")
    page.focus(".back a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html#state=IL")


@pytest.mark.browser
def test_the_table_sorts_by_any_column_and_missing_figures_stay_last(visitor: Visitor) -> None:
    page = visitor.open("counties/17001.html")
    assert names(page)[0] == "</script><b>1</b>"
    page.click("th[data-column=cumulative_share] button")
    assert names(page)[:2] == ["11", "10"]
    assert names(page)[-2:] == ["12", "13"]
    assert page.get_attribute("th[data-column=cumulative_share]", "aria-sort") == "descending"
    page.click("th[data-column=name] button")
    assert names(page)[1:4] == ["2", "3", "4"]


@pytest.mark.browser
def test_a_tract_of_the_map_is_found_in_the_table_and_in_the_address(visitor: Visitor) -> None:
    page = visitor.open("counties/17001.html")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.inner_text("tr[aria-current] th") == "7"
    assert page.evaluate("location.hash") == "#t000700"
    again = visitor.open("counties/17001.html#t000300")
    assert again.inner_text("tr[aria-current] th") == "3"


@pytest.mark.browser
def test_colors_follow_the_chosen_figure_and_the_link_keeps_it(visitor: Visitor) -> None:
    page = visitor.open()
    canvas = "document.querySelector('#map canvas').toDataURL()"
    before = page.evaluate(canvas)
    page.select_option("#layer", "change_week")
    assert "Percentage points" in page.inner_text("#legend")
    wait_until(page, lambda: page.evaluate(canvas) != before)
    assert page.evaluate("location.hash") == "#layer=change_week"
    assert visitor.open("index.html#layer=change_week").input_value("#layer") == "change_week"


@pytest.mark.browser
def test_hostile_names_are_shown_and_never_run(visitor: Visitor) -> None:
    page = visitor.open()
    assert strip_overrides(HOSTILE) in names(page)
    page.click("#places a[href='counties/17001.html']")
    page.wait_for_url("**/counties/17001.html")
    assert page.text_content("h1 bdi") == strip_overrides(HOSTILE)
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.querySelectorAll('img').length") == 0


@pytest.mark.browser
def test_visible_rows_can_be_saved(visitor: Visitor) -> None:
    page = visitor.open()
    page.select_option("#state", "HI")
    with page.expect_download() as download:
        page.click("#export")
    rows = list(
        csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines())
    )
    assert [
        (row["geo_id"], row["data_date"], row["weighted_by"], row["name"], row["tracts_count"])
        for row in rows
    ] == [("0500000US15001", "2020-06-11", "tracts", "Hawaii County", "12")]
    shown = float(page.inner_text("#places tr:not([hidden]) td:nth-child(3)"))
    assert float(rows[0]["cumulative_share"]) == pytest.approx(shown / 100)


@pytest.mark.browser
def test_every_figure_and_link_works_without_scripts(visitor: Visitor) -> None:
    page = visitor.open(java_script_enabled=False)
    page.locator("#places a").first.click()
    page.wait_for_url("**/counties/*.html")
    assert page.locator("#places tbody tr").count() >= 12
    assert page.locator("svg.trend").first.is_visible()
    assert page.is_hidden("#tools")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "width"),
    [("index.html", 1280), ("counties/17001.html", 390), ("counties/55001.html", 390)],
)
def test_axe_finds_nothing_serious(visitor: Visitor, name: str, width: int) -> None:
    page = visitor.open(name, width=width, bypass_csp=True)
    # The style sheet of a page that is a file cannot be asked for by a script.
    assert find_violations(page, preload=False) == {}


@pytest.mark.browser
def test_nothing_is_wider_than_a_phone(visitor: Visitor) -> None:
    for name in ("index.html", "counties/17001.html", "counties/55001.html"):
        page = visitor.open(name, width=390, height=844)
        assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.browser
def test_a_tap_shows_the_county_before_it_opens(visitor: Visitor) -> None:
    page = visitor.open(
        "index.html#state=IL", width=390, height=844, has_touch=True, is_mobile=True
    )
    box = page.locator("#map").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.4)
    link = page.locator(".leaflet-popup a:has-text('Open the page')")
    assert link.get_attribute("href").endswith("/counties/17003.html")
    link.click()
    page.wait_for_url("**/counties/17003.html")


@pytest.mark.browser
@pytest.mark.parametrize("words", ["Bond, IL", "bond county illinois", "BOND COUNTY, Illinois"])
def test_a_county_is_found_as_people_write_it(visitor: Visitor, words: str) -> None:
    page = visitor.open()
    page.fill("#find", words)
    assert names(page) == ["Bond County"]


@pytest.mark.browser
def test_a_place_or_a_zip_leads_to_its_counties(visitor: Visitor) -> None:
    page = visitor.open()
    hostile = strip_overrides(HOSTILE)

    def find(words: str) -> dict[str, str]:
        page.fill("#find", words)
        rows = page.eval_on_selector_all(
            "#places tbody tr:not([hidden]) th",
            "heads => heads.map(head => [head.querySelector('a').textContent,"
            " head.querySelector('.why')?.textContent ?? ''])",
        )
        return dict(rows)

    # A whole name goes before longer ones; the state, the county, or "city of" may be named.
    assert find("Chicago") == {hostile: "Chicago", "Bond County": "Chicago"}
    assert find("city of chicago") == {hostile: "Chicago", "Bond County": "Chicago"}
    assert find("Chicago, Bond County") == {"Bond County": "Chicago"}
    assert find("chicago h") == {hostile: "Chicago Heights"}
    assert find("saint louis") == {"Bond County": "St. Louis", "Adams County": "St. Louis"}
    assert find("st louis, il") == {"Bond County": "St. Louis"}
    assert find("St. Louis, Wisconsin") == {"Adams County": "St. Louis"}
    assert find("Chicago, WI") == {}

    # A ZIP leads to each of its counties, the start of one to all, and one without ground by that.
    assert find("60629") == {hostile: "ZIP 60629"}
    assert find("60601") == {hostile: "ZIP 60601", "Bond County": "ZIP 60601"}
    assert set(find("606")) == {hostile, "Bond County"}
    assert find("60699")["Bond County"] == "ZIPs that begin with 606"
    assert find("967") == {"Hawaii County": "ZIPs that begin with 967"}
    assert find("606291") == {}
    assert page.inner_text("#tally") == "0 of 4 counties"

    # Nothing stays behind, and a name from a file is text.
    assert find("hilo bay") == {"Hawaii County": "Hilo    Bay <b>"}
    assert set(find("").values()) == {""}
    page.select_option("#state", "WI")
    assert find("st louis") == {"Adams County": "St. Louis"}
    assert "the first three digits" not in page.inner_text("#tally")


def test_a_page_says_what_its_search_knows(folder: Path, atlas: Atlas) -> None:
    overview = (folder / "index.html").read_text(encoding="utf-8")
    assert "Find a county, state, place, or ZIP" in overview
    assert "found by its first three digits" in overview
    spanish = (folder / "es" / "index.html").read_text(encoding="utf-8")
    assert "Buscar un condado, estado, lugar o código postal" in spanish
    bare = Edition(replace(atlas, finder=Finder()), read_all(), ENGLISH)
    bare.write_assets(folder / "bare")
    bare.write_overview(folder / "bare", None)
    page = (folder / "bare" / "index.html").read_text(encoding="utf-8")
    assert "Find a county or state" in page
    assert "lists of places and ZIPs were not available" in page
    assert 'id="finder"' not in page


def test_places_and_zips_take_a_few_letters_each() -> None:
    counties = pd.Index(["17003", "17001", "55001"])
    assert encode_finder(FINDER, counties) == {
        # 17001, then 2 and 37,998 further.
        "counties": "ymhBE8mqC",
        "names": "0Chicago7 Heights0St. Louis",
        "counts": "ECE",
        # Chicago in the counties 0 and 1, its Heights in 0, St. Louis in 1 and 2.
        "links": "AAABAAABAC",
        # Two ZIPs of the first county, 60601 and 28 further; one of the second; none of the third.
        "zips": "Eyr2D4BCyr2DA",
    }
    assert encode_finder(Finder(), counties)["names"] == ""
