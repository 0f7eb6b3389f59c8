"""Pages: everything stands in one file, nothing hostile runs, what is not known is said, and paper works."""

import dataclasses
import datetime as dt
import io
import json
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from outreach.reports.charts.estimates import draw_estimates
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.data.spend import PlannedSpend
from outreach.reports.open_data.redact import make_public
from outreach.reports.pages.effect import write_effect_page
from outreach.reports.pages.frame import Origin
from outreach.reports.pages.report_set import name_files, write_reports, write_seasons
from outreach.reports.pages.tract_table import list_tracts
from outreach.reports.text.catalog import list_languages, read_words
from outreach.reports.text.test_result import Readout, Span, WindowEstimate, describe_effect

SPEND = PlannedSpend(budget_usd=1000, planned_usd=400, targets_count=6, cpm_usd=20)


@pytest.fixture(scope="module")
def pages(view: ReportView, figures: Figures) -> dict[str, str]:
    origin = Origin(dt.date(2020, 6, 13), "2020-run")
    return {
        **dict(write_reports(view, list_languages(), origin=origin, figures=figures)),
        **dict(write_seasons(view, figures, SPEND, list_languages(), origin=origin)),
    }


def make_readout(low: float) -> Readout:
    """Make the read-out of a test that found 1.2 points."""
    return Readout(
        run_id="2020-run",
        design_run_id="2020-run",
        campaign="<script>",
        plan_digest="0" * 64,
        made_at=dt.datetime(2020, 6, 13, tzinfo=dt.UTC),
        flight_start=dt.date(2020, 5, 1),
        flight_end=dt.date(2020, 6, 11),
        provisional=False,
        outcome="change",
        plan_method="ANCOVA",
        method="ANCOVA",
        permutations_count=999,
        permutation_seed=1,
        confidence=0.95,
        flight=WindowEstimate(
            first=dt.date(2020, 4, 30),
            last=dt.date(2020, 6, 12),
            effect=Span(low=low, middle=0.012, high=0.021),
            p_value=0.02,
            standard_error_share=0.005,
        ),
        placebo=None,
        treated_households_count=10_000,
        responses=Span(low=10_000 * low, middle=120, high=210),
        spent_usd=1200,
        spend_reported=False,
        cost_usd=Span(low=5.71, middle=10, high=None),
        mde_share=None,
        units_count={"treat": 20, "holdout": 5, "buffer": 0},
        tracts_count=50,
        left_out_units=(),
        left_out_tracts=(),
        notes=(),
        versions={},
    )


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


def test_every_district_has_a_page_in_every_language_and_safe_names(
    view: ReportView, pages: dict[str, str]
) -> None:
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
        assert not [
            name for _, attributes in tags.tags for name in attributes if name.startswith("on")
        ]
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
    assert text.lower().count("unknown") >= 3
    assert "this run has no forecast" in text
    assert "no earlier report" in text
    assert "only one data date" in text


def test_rate_forecast_goal_and_past_stand_apart(pages: dict[str, str], figures: Figures) -> None:
    text = Tags(pages["ward-1.html"]).text
    for share in (
        figures.table.loc["1", "cumulative_share"],
        figures.table.loc["1", "final_share"],
        0.75,
    ):
        assert f"{share:.1%}" in text
    assert "not a forecast" in text
    assert "not in the sources of this run" in text


def test_every_page_says_date_source_and_method(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        text = Tags(html).text
        assert ("12 de junio de 2020" if ".es." in name else "June 12, 2020") in text
        assert "An invented town" in text
        assert "2020-run" in text


def test_a_forecast_from_little_history_is_called_a_hint(
    view: ReportView, pages: dict[str, str]
) -> None:
    assert view.history is not None
    late = view.history[view.history["data_date"] >= pd.Timestamp("2020-06-05")]
    page = dict(write_reports(dataclasses.replace(view, history=late)))["ward-1.html"]
    assert "rough estimate: only 7 days of history" in page
    assert "rough estimate" not in pages["ward-1.html"]


def test_changes_since_the_last_report_are_shown(
    view: ReportView, figures: Figures, pages: dict[str, str]
) -> None:
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
    assert "The deadline of June 1, 2020 has passed" in text
    assert "needs" not in text.split("How these figures")[0].replace("needs a forecast", "")


def test_a_season_says_that_an_effect_is_not_known_until_it_is(
    view: ReportView, figures: Figures
) -> None:
    silent = Tags(dict(write_seasons(view, figures, SPEND))["season.html"]).text
    told = Tags(
        dict(write_seasons(view, figures, SPEND, effect=make_readout(0.003)))["season.html"]
    ).text
    assert "Unknown. No test" in silent
    assert (
        "from May 1, 2020 to June 11, 2020 estimates +1.20 points (+120 households), "
        "95% range +0.30 points to"
    ) in told
    assert "the ads raised the rate" in told
    assert "What the ads did" in silent
    assert "What the ads did" not in told


@pytest.mark.parametrize(
    ("low", "said"),
    [(-0.003, "cannot be distinguished from zero"), (0.003, "the ads raised the rate")],
)
def test_a_read_out_says_no_more_than_its_range_and_stands_in_one_file(
    low: float, said: str
) -> None:
    readout = make_readout(low)
    assert said in describe_effect(readout, read_words("en"))
    assert ("raised" in readout.verdict()) == (low > 0)
    page = write_effect_page(readout)
    assert Tags(page).text.count("<script>") == 2  # title and heading
    assert "<script>" not in page
    assert not any("src" in attrs or "href" in attrs for _, attrs in Tags(page).tags)
    chart = Tags(draw_estimates(readout).__html__())
    (zero,), (estimate,) = (
        [attrs for _, attrs in chart.tags if attrs.get("class") == name]
        for name in ("tick", "range-end")
    )
    assert (float(str(estimate["x1"])) > float(str(zero["x1"]))) == (low > 0)
    assert float(str(estimate["x1"])) < float(str(estimate["x2"]))


def test_a_result_of_the_first_version_is_still_read() -> None:
    readout = make_readout(0.003)
    fields = json.loads(readout.canonical_json())
    fields["reading"], fields["drawn_by"] = fields.pop("flight"), fields.pop("design_run_id")
    assert Readout.model_validate_json(json.dumps(fields)) == readout


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (dt.date(2020, 7, 1), "runs until July 1, 2020"),
        (dt.date(2020, 6, 1), "ran until June 1, 2020"),
    ],
)
def test_a_season_says_how_long_a_test_runs_and_when_it_is_over(
    view: ReportView, figures: Figures, until: dt.date, said: str
) -> None:
    tested = dataclasses.replace(view, test_until=until)
    text = Tags(dict(write_seasons(tested, figures, SPEND))["season.html"]).text
    assert f"Unknown so far. A test with a comparison group {said}" in text
    assert "without a comparison group" not in text


def test_money_for_places_that_cross_borders_is_not_split_by_area(
    view: ReportView, figures: Figures
) -> None:
    spend = dataclasses.replace(SPEND, kind="zips")
    text = Tags(dict(write_seasons(view, figures, spend))["season.html"]).text
    assert "planned for 6 ZIPs" in text
    assert "Outside these areas" not in text


def test_the_index_says_what_changed_and_who_gained(
    view: ReportView, figures: Figures, pages: dict[str, str]
) -> None:
    assert view.earlier is not None
    text = Tags(pages["index.html"]).text
    gained = (figures.table["cumulative_share"] - view.earlier.table["cumulative_share"]) * 100
    assert "report of June 5, 2020, 7 days earlier" in text
    assert f"+{gained.max():.1f} points, rank" in text


def test_public_pages_hide_small_counts_ranks_and_money(view: ReportView) -> None:
    public, figures = make_public(view, test_running=True)
    assert public.targets is None
    assert public.hidden_count == 1
    assert figures.table["planned_usd"].sum() == 0
    whole = measure_districts(view).whole["households_count"]
    assert figures.whole["households_count"] == pytest.approx(
        whole - view.tracts["households_count"].iloc[5]
    )
    rows = list_tracts(
        figures.parts.assign(households_count=4.0), figures, read_words("en"), hide_small=True
    )
    assert {row["households"] for row in rows} == {"< 10"}
    assert {row["rank"] for row in rows} == {""}
    assert (
        "1 tract with fewer than 10 households"
        in Tags(dict(write_reports(public, figures=figures))["ward-1.html"]).text
    )


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
    pages = pages | {"effect.html": write_effect_page(make_readout(0.003))}
    for name in ("ward-1.html", "ward-3.html", "index.html", "season.es.html", "effect.html"):
        page = reader.open(pages[name], width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate("window.hacked") is None
        assert page.inner_text("h1").strip()


@pytest.mark.browser
def test_the_season_is_one_page_of_paper_and_a_district_prints_whole(
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
def test_axe_finds_no_serious_fault(reader: Any, pages: dict[str, str]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    pages = pages | {"effect.html": write_effect_page(make_readout(0.003))}
    for name in ("ward-1.html", "index.es.html", "season.html", "effect.html"):
        page = reader.open(pages[name])
        found = axe.Axe().run(page).response["violations"]
        assert [
            fault["id"] for fault in found if fault["impact"] in {"serious", "critical"}
        ] == [], name


def test_the_figures_of_a_report_can_be_made_before(view: ReportView, figures: Figures) -> None:
    assert dict(write_reports(view, figures=figures)) == dict(
        write_reports(view, figures=measure_districts(view))
    )
