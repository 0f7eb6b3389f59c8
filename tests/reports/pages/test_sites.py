"""Pages of districts list places of help, and say which target tracts have none near."""

from dataclasses import replace

import pandas as pd
import pytest

from geo.sites import find_districts, find_tracts, measure_distances
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.sites import ReportSites
from outreach.reports.open_data.redact import make_public
from outreach.reports.pages.report_set import write_reports
from tests.reports.town import HOSTILE_NAMES, Tags, make_view
from tests.twins import list_faults

PLACES = (
    ("Old Library", "Library", "Libraries", 40.005, -89.995, "Mon-Fri 9-5", True),
    (HOSTILE_NAMES[0], "Kiosk", "Libraries", 40.055, -89.995, HOSTILE_NAMES[1], True),
    ("Back Room", "Booth", "Staff", 40.025, -89.945, "Never", False),
)


def put_places(view: ReportView) -> ReportView:
    """Put two public places and a private one into the town; tracts 1, 2, and 6 are targets."""
    columns = ["name", "kind", "layer", "latitude", "longitude", "hours", "is_public"]
    table = pd.DataFrame(PLACES, columns=columns).rename_axis("site")
    table = table.assign(geoid=find_tracts(table, view.tracts), address="1 Main St", phone="")
    table = table.assign(languages="", link="https://example.org/")
    far = {"Libraries": 1.0, "Staff": 50.0}
    sites = ReportSites(
        table=table,
        distances=measure_distances(table, view.tracts, far),
        districts=find_districts(table, view.districts),
        targets=frozenset(view.tracts.index[[0, 1, 5]]),
        far_miles=far,
    )
    return replace(view, sites=sites)


@pytest.fixture(scope="module")
def town() -> ReportView:
    return put_places(make_view())


@pytest.fixture(scope="module")
def pages(town: ReportView) -> dict[str, str]:
    return dict(write_reports(town, ("en", "es")))


def read_text(page: str) -> str:
    return " ".join(Tags(page).text.split())


def test_a_district_lists_its_places_and_the_target_tracts_far_from_any(
    pages: dict[str, str],
) -> None:
    first, second = read_text(pages["ward-1.html"]), read_text(pages["ward-2.html"])
    assert "Old Library LibraryMon-Fri 9-51 Main St" in first
    assert "none within" not in first  # its target tracts are near
    assert "Back Room BoothNever1 Main St" in second
    assert "No place of help lies in this district." in read_text(pages["ward-3.html"])
    assert "Libraries\u2069: none within 1 mi of \u2068Tract 6\u2069 (2.7 mi)." in second
    # A hostile name is text, and links lead to the web alone.
    assert HOSTILE_NAMES[0] in first
    hrefs = [
        attributes.get("href")
        for name, attributes in Tags(pages["ward-1.html"]).tags
        if name == "a"
    ]
    assert "https://example.org/" in hrefs
    assert not any(name == "script" for name, _ in Tags(pages["ward-1.html"]).tags)


def test_a_spanish_page_has_its_own_words(pages: dict[str, str], town: ReportView) -> None:
    text = read_text(pages["ward-1.es.html"])
    assert "Lugares de ayuda" in text
    assert "BibliotecaMon-Fri 9-5" in text
    names = (town.title, *town.districts["name"], "right to left", "\u2069", "Libraries")
    assert list_faults(pages, names) == {}


def test_the_public_sees_public_places_and_no_target(town: ReportView) -> None:
    public = make_public(town, test_running=False).view
    assert public.sites is not None
    assert public.sites.table["layer"].unique().tolist() == ["Libraries"]
    assert set(public.sites.distances["layer"]) == {"Libraries"}
    text = " ".join(read_text(page) for _, page in write_reports(public))
    assert "Old Library" in text
    assert "Back Room" not in text
    assert "none within" not in text
    assert make_public(make_view(), test_running=False).view.sites is None


def test_a_campaign_without_places_says_nothing_of_them() -> None:
    assert "laces of help" not in " ".join(page for _, page in write_reports(make_view()))
