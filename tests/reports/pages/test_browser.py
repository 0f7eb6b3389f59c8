"""Pages in a real browser: they fit, print, run nothing and are accessible."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest

from outreach.catalog import read_words
from outreach.reports.charts.choropleth import prepare_ground
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.mail.compose import compose_mail
from outreach.reports.open_data.redact import make_public
from outreach.reports.pages.district import write_district
from outreach.reports.pages.frame import Frame
from outreach.reports.pages.index import write_index
from outreach.reports.pages.past.backtest import write_backtest_pages
from outreach.reports.pages.report_set import name_files
from outreach.reports.pages.season import write_season
from outreach.reports.pages.site import write_fronts
from outreach.reports.pages.trial.effect import write_effect_pages
from tests.browser import find_violations
from tests.reports.pages.past.test_backtest import invent_tables
from tests.reports.town import SPEND, make_readout
from tests.rtl import read_right_to_left


@pytest.mark.browser
@pytest.mark.parametrize("width", [2560, 1024, 761, 390, 320])
def test_pages_fit_the_width_and_run_no_script(
    reader: Any, pages: dict[str, str], width: int
) -> None:
    pages = pages | dict(write_effect_pages(make_readout(0.003), ("en", "es")))
    for name in ("ward-1.html", "ward-3.html", "index.html", "season.es.html", "effect.html"):
        page = reader.open(pages[name], width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate("window.hacked") is None
        assert page.inner_text("h1").strip()


@pytest.mark.browser
def test_backtest_public_site_and_mails_fit_the_width(
    reader: Any, view: ReportView, figures: Figures
) -> None:
    backtest = write_backtest_pages(
        "Cook County, Illinois",
        dt.date(2020, 3, 20),
        dt.date(2020, 10, 16),
        invent_tables(),
        tracts_count=1328,
        languages=("es",),
    )
    public = make_public(view, test_running=True)
    fronts = write_fronts(public.figures, public.view, {"Ward": "ward"}, ("es",), test_running=True)
    pages = dict(backtest) | {f"site {name}": html for name, html in fronts}
    for district, language in (("1", "es"), (None, "en")):
        mail = compose_mail(
            district,
            figures,
            view,
            read_words(language),
            ("page.html", ""),
            f"census-{'outreach-' * 6}team@city.example",
            "ana@city.example",
        )
        body = mail.get_body(("html",))
        assert body is not None
        pages[f"mail {district} {language}"] = body.get_content()
        assert 'name="viewport"' in body.get_content()

    page = reader.open("<title>page</title>")
    for name, html in pages.items():
        page.set_content(html)
        for width in (320, 768, 2560):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)


@pytest.mark.browser
def test_the_season_prints_on_one_sheet_and_a_district_prints_whole(
    reader: Any, pages: dict[str, str]
) -> None:
    import pypdf  # noqa: PLC0415  tests alone need it

    def print_page(name: str) -> pypdf.PdfReader:
        return pypdf.PdfReader(
            io.BytesIO(
                reader.open(pages[name]).pdf(prefer_css_page_size=True, print_background=True)
            )
        )

    assert len(print_page("season.html").pages) == 1
    assert "How these figures are computed" in "".join(
        page.extract_text() for page in print_page("ward-1.html").pages
    )


@pytest.mark.browser
def test_axe_finds_no_serious_violation(reader: Any, pages: dict[str, str]) -> None:
    backtest = write_backtest_pages(
        "Cook County, Illinois",
        dt.date(2020, 3, 20),
        dt.date(2020, 10, 16),
        invent_tables(),
        tracts_count=1328,
        languages=("en", "es"),
    )
    pages = pages | dict(backtest) | dict(write_effect_pages(make_readout(0.003), ("en", "es")))
    for name, theme in [
        ("backtest.html", "light"),
        ("backtest.es.html", "dark"),
        ("effect.es.html", "light"),
        *((name, "light") for name in ("ward-1.html", "index.es.html", "season.html")),
        *((name, "dark") for name in ("ward-2.html", "index.html", "effect.html")),
    ]:
        page = reader.open(pages[name], color_scheme=theme)
        assert find_violations(page) == {}, name


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 320])
def test_a_right_to_left_language_lays_reports_out_without_overlap(
    reader: Any, view: ReportView, figures: Figures, tmp_path: Path, width: int
) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    words, frame = read_right_to_left(folder), Frame()
    ground, files = prepare_ground(view.tracts, view.districts), name_files(view)
    district = str(view.districts.index[0])
    for html in (
        write_district(district, figures, ground, view, words, frame),
        write_index(figures, ground, view, words, frame, files),
        write_season(figures, view, words, frame, SPEND, None),
    ):
        page = reader.open(html, width=width)
        assert page.evaluate("document.documentElement.dir") == "rtl"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = page.evaluate(
            """() => [...document.querySelectorAll("h1, h2, .cards > *, .hero, main p")]
            .map((part) => part.getBoundingClientRect())
            .filter(({ width, height }) => width > 1 && height > 1)
            .map(({ left, right, top, bottom }) => [left, right, top, bottom])"""
        )
        assert all(left >= -1 and right <= width + 1 for left, right, _, _ in boxes)
        for place, (left, right, top, bottom) in enumerate(boxes):
            for other in boxes[place + 1 :]:
                beside = right <= other[0] + 1 or other[1] <= left + 1
                below = bottom <= other[2] + 1 or other[3] <= top + 1
                inside = top <= other[2] + 1 and other[3] <= bottom + 1
                assert beside or below or inside
