"""Pages in a real browser: they fit, print, run nothing and are accessible."""

import io
from typing import Any

import pytest

from outreach.reports.pages.effect import write_effect_pages
from tests.reports.town import make_readout


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
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    pages = pages | dict(write_effect_pages(make_readout(0.003), ("en", "es")))
    for name, theme in [
        *((name, "light") for name in ("ward-1.html", "index.es.html", "season.html")),
        *((name, "dark") for name in ("ward-2.html", "index.html", "effect.html")),
    ]:
        page = reader.open(pages[name], color_scheme=theme)
        found = axe.Axe().run(page).response["violations"]
        assert [
            fault["id"]
            for fault in found
            if fault["impact"] in {"serious", "critical"} or fault["id"] == "landmark-unique"
        ] == [], name
