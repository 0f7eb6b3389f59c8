"""Pages: everything stands in one file, nothing hostile runs, what is not known is said, and paper works."""

import dataclasses
import datetime as dt
import io
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from outreach.reports.bundle import name_files, write_reports, write_seasons
from outreach.reports.figures import Figures, measure_districts
from outreach.reports.season import Money
from outreach.reports.view import ReportView
from outreach.reports.words import list_languages

MONEY = Money(budget_usd=1000, planned_usd=400, targets_count=6, cpm_usd=20)


@pytest.fixture(scope="module")
def pages(view: ReportView, figures: Figures) -> dict[str, str]:
    made = dt.date(2020, 6, 13)
    return {
        **dict(write_reports(view, list_languages(), made=made, run="2020-run", figures=figures)),
        **dict(write_seasons(view, figures, MONEY, list_languages(), made=made, run="2020-run")),
    }


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and the text outside of styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag == "style"

    def handle_endtag(self, _tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data


def test_every_district_has_a_page_in_every_language_and_safe_names(view: ReportView, pages: dict[str, str]) -> None:
    files = name_files(view)
    assert len(set(files.values())) == len(view.districts)
    assert all(name.replace("-", "").replace(".", "").isalnum() for name in files.values())
    assert {"index.html", "index.es.html", "season.html", "season.es.html"} <= set(pages)
    assert len(pages) == 2 * (len(view.districts) + 2)


def test_ids_that_look_alike_get_files_of_their_own(view: ReportView) -> None:
    twins = view.districts.set_axis(["a b", "a-b", "índex"], axis=0)
    assert sorted(name_files(dataclasses.replace(view, districts=twins)).values()) == [
        "ward-a-b-2.html",
        "ward-a-b.html",
        "ward-ndex.html",
    ]


def test_hostile_names_are_shown_and_never_become_tags(pages: dict[str, str]) -> None:
    for html in pages.values():
        tags = Tags(html)
        assert not {"script", "img", "iframe", "object"} & {tag for tag, _ in tags.tags}
        assert not [name for _, attributes in tags.tags for name in attributes if name.startswith("on")]
    assert "<script>window.hacked = true</script>" in Tags(pages["ward-1.html"]).text


def test_a_page_asks_for_nothing_outside(pages: dict[str, str]) -> None:
    for html in pages.values():
        links = [
            attributes.get("href") or attributes.get("src")
            for tag, attributes in Tags(html).tags
            if {"href", "src"} & set(attributes)
        ]
        assert all(link in pages for link in links)


def test_every_picture_has_a_text(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        for tag, attributes in Tags(html).tags:
            if tag == "svg":
                assert attributes.get("aria-hidden") == "true" or attributes.get("aria-label"), name


def test_what_is_not_known_is_said(bare: ReportView) -> None:
    text = Tags(dict(write_reports(bare))["ward-1.html"]).text
    assert text.count("not known") >= 3
    assert "no forecast was made for this run" in text
    assert "There is no earlier report" in text
    assert "Only one data date is known" in text


def test_rate_forecast_goal_and_past_stand_apart(pages: dict[str, str], figures: Figures) -> None:
    text = Tags(pages["ward-1.html"]).text
    for share in (figures.table.loc["1", "cumulative_share"], figures.table.loc["1", "final_share"], 0.75):
        assert f"{share:.1%}" in text
    assert "not a forecast" in text
    assert "the sources of this run do not hold it" in text


def test_every_page_says_date_source_and_method(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        text = Tags(html).text
        assert ("12 de junio de 2020" if ".es." in name else "June 12, 2020") in text
        assert "An invented town" in text
        assert "2020-run" in text


def test_a_forecast_from_little_history_is_called_a_hint(view: ReportView, pages: dict[str, str]) -> None:
    assert view.history is not None
    late = view.history[view.history["data_date"] >= pd.Timestamp("2020-06-05")]
    page = dict(write_reports(dataclasses.replace(view, history=late)))["ward-1.html"]
    assert "a hint only: 7 days of history" in page
    assert "a hint only" not in pages["ward-1.html"]


def test_changes_since_the_last_report_are_shown(view: ReportView, figures: Figures, pages: dict[str, str]) -> None:
    assert view.earlier is not None
    less = figures.table.loc["1", "missing_count"] - view.earlier.table.loc["1", "missing_count"]
    assert f"\N{MINUS SIGN}{abs(round(less))}" in Tags(pages["ward-1.html"]).text


def test_no_arm_of_a_test_is_named(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        text = Tags(html).text.lower()
        assert "holdout" not in text, name
        assert "treat" not in text, name


def test_after_the_deadline_nothing_is_asked_for(view: ReportView) -> None:
    over = dataclasses.replace(view, deadline=dt.date(2020, 6, 1))
    text = Tags(dict(write_reports(over))["ward-1.html"]).text
    assert "The deadline of June 1, 2020 is past" in text
    assert "needs" not in text.split("How these figures")[0].replace("needs a forecast", "")


def test_a_season_says_that_an_effect_is_not_known_until_it_is(view: ReportView, figures: Figures) -> None:
    silent = Tags(dict(write_seasons(view, figures, MONEY))["season.html"]).text
    told = Tags(
        dict(write_seasons(view, figures, MONEY, effect="1.2 points more, 95 % sure between 0.3 and 2.1."))[
            "season.html"
        ]
    ).text
    assert "not known. No test" in silent
    assert "1.2 points more" in told
    assert "What the ads did" in silent
    assert "What the ads did" not in told


def test_districts_without_a_polygon_still_get_a_page(view: ReportView) -> None:
    blank = view.districts.copy()
    blank.loc["1", "geometry"] = None
    html = dict(write_reports(dataclasses.replace(view, districts=blank)))["ward-1.html"]
    assert "There is no polygon to draw." in html


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_pages_fit_the_width_run_nothing_and_complain_of_nothing(
    reader: Any, pages: dict[str, str], width: int
) -> None:
    for name in ("ward-1.html", "ward-3.html", "index.html", "season.es.html"):
        page = reader.open(pages[name], width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate("window.hacked") is None
        assert page.inner_text("h1").strip()


@pytest.mark.browser
def test_the_season_is_one_page_of_paper_and_a_district_prints_whole(reader: Any, pages: dict[str, str]) -> None:
    import pypdf  # noqa: PLC0415  tests alone need it

    def print_page(name: str) -> pypdf.PdfReader:
        return pypdf.PdfReader(
            io.BytesIO(reader.open(pages[name]).pdf(prefer_css_page_size=True, print_background=True))
        )

    assert len(print_page("season.html").pages) == 1
    assert "How these figures are made" in "".join(page.extract_text() for page in print_page("ward-1.html").pages)


@pytest.mark.browser
def test_axe_finds_no_serious_fault(reader: Any, pages: dict[str, str]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    for name in ("ward-1.html", "index.es.html", "season.html"):
        page = reader.open(pages[name])
        found = axe.Axe().run(page).response["violations"]
        assert [fault["id"] for fault in found if fault["impact"] in {"serious", "critical"}] == [], name


def test_the_figures_of_a_report_can_be_made_before(view: ReportView, figures: Figures) -> None:
    assert dict(write_reports(view, figures=figures)) == dict(write_reports(view, figures=measure_districts(view)))
