"""Pages: one file each, nothing hostile runs, and unknown figures are named."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from outreach.catalog import read_words
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.pages.report_set import name_files, write_reports
from outreach.reports.text.method import describe_method
from tests.reports.town import Tags


def test_every_district_has_a_page_in_every_language_and_safe_names(
    view: ReportView, pages: dict[str, str]
) -> None:
    files = name_files(view)
    assert len(set(files.values())) == len(view.districts)
    assert all(name.replace("-", "").replace(".", "").isalnum() for name in files.values())
    assert {"index.html", "index.es.html", "season.html", "season.es.html"} <= set(pages)
    assert len(pages) == 2 * (len(view.districts) + 2)


def test_similar_ids_get_different_files(view: ReportView) -> None:
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


@pytest.mark.parametrize(
    ("method", "english", "spanish"),
    [
        ("overlay", "from the outlines of both", "según los contornos de ambos"),
        ("blocks", "from the Bureau's census blocks", "según los bloques"),
        ("relationship", "from the Bureau's relationship file", "archivo de relaciones"),
        ("user", "from the campaign's own table", "la tabla propia de la campaña"),
        ("hud", "from HUD's file", "según el archivo de HUD"),
        ("relationship+user", "relationship file and from the campaign's own table", " y según la"),
    ],
)
def test_how_tracts_are_divided_is_said_in_words(
    view: ReportView, figures: Figures, method: str, english: str, spanish: str
) -> None:
    divided = dataclasses.replace(view, crosswalk=view.crosswalk.assign(method=method))
    for code, said in (("en", english), ("es", spanish)):
        text = " ".join(
            line.text for line in describe_method(figures, divided, read_words(code), None)
        )
        assert said in text
        assert "split_method" not in text


def test_a_note_in_the_method_that_spanish_lacks_is_marked_as_english(
    view: ReportView, figures: Figures
) -> None:
    noted = dataclasses.replace(
        view, notes=("The mayor counted twice.", "Repaired the geometry of 1 area: 99001.")
    )
    unknown, known = describe_method(figures, noted, read_words("es"), None)[-2:]
    assert (unknown.text, unknown.lang) == ("The mayor counted twice.", "en")
    assert (known.text, known.lang) == ("Se reparó la geometría de 1 área: 99001.", "")


def test_a_page_loads_nothing_from_outside(pages: dict[str, str]) -> None:
    for html in pages.values():
        links = [
            attributes.get("href") or attributes.get("src")
            for tag, attributes in Tags(html).tags
            if {"href", "src"} & set(attributes)
        ]
        assert all(link in pages for link in links)


def test_every_picture_has_alternative_text(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        for tag, attributes in Tags(html).tags:
            if tag == "svg":
                assert attributes.get("aria-hidden") == "true" or attributes.get("aria-label"), name


def test_unknown_figures_are_named(bare: ReportView) -> None:
    text = Tags(dict(write_reports(bare))["ward-1.html"]).text
    assert text.lower().count("unknown") >= 3
    assert "this run has no forecast" in text
    assert "no earlier report" in text
    assert "only one data date" in text


def test_rate_forecast_goal_and_past_are_separate(pages: dict[str, str], figures: Figures) -> None:
    text = Tags(pages["ward-1.html"]).text
    for share in (
        figures.row("1")["cumulative_share"],
        figures.row("1")["final_share"],
        0.75,
    ):
        assert f"{share:.1%}" in text
    assert "not a forecast" in text
    assert "not in the sources of this run" in text


def test_a_district_has_its_rank_by_rate_by_number_and_among_similar_ones(
    pages: dict[str, str], figures: Figures
) -> None:
    text, row, count = Tags(pages["ward-1.html"]).text, figures.row("1"), len(figures.table)
    for place in (
        f"Rank by response rate {row['rank']:.0f} of {count}",
        f"rank {row['rank_missing']:.0f} of {count} by number",
        f"Rank among similar areas {row['peer_rank']:.0f} of {row['peer_count']:.0f}",
    ):
        assert place in " ".join(text.split())


def test_every_page_says_date_source_and_method(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        text = Tags(html).text
        assert ("12 de junio de 2020" if ".es." in name else "June 12, 2020") in text
        assert ("Oficina del Censo" if ".es." in name else "U.S. Census Bureau, 2020") in text
        assert "2020-run" in text


def test_a_forecast_from_little_history_is_called_a_rough_estimate(
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
    less = figures.row("1")["missing_count"] - view.earlier.table["missing_count"]["1"]
    assert f"\N{MINUS SIGN}{abs(round(less))}" in Tags(pages["ward-1.html"]).text


def test_no_page_names_an_arm_of_a_test(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        text = Tags(html).text.lower()
        assert "holdout" not in text, name
        assert "treat" not in text, name


def test_after_the_deadline_no_action_is_requested(view: ReportView) -> None:
    over = dataclasses.replace(view, deadline=dt.date(2020, 6, 1))
    text = Tags(dict(write_reports(over))["ward-1.html"]).text
    assert "The deadline of June 1, 2020 has passed" in text
    assert "needs" not in text.split("How these figures")[0].replace("needs a forecast", "")


def test_the_index_says_what_changed_and_who_gains(
    view: ReportView, figures: Figures, pages: dict[str, str]
) -> None:
    assert view.earlier is not None
    text = Tags(pages["index.html"]).text
    gains = (figures.table["cumulative_share"] - view.earlier.table["cumulative_share"]) * 100
    assert "report of June 5, 2020, 7 days earlier" in text
    assert f"+{gains.max():.1f} points, rank" in text


def test_districts_without_a_polygon_still_get_a_page(view: ReportView) -> None:
    blank = view.districts.copy()
    blank.loc["1", "geometry"] = None
    html = dict(write_reports(dataclasses.replace(view, districts=blank)))["ward-1.html"]
    assert "There is no polygon to draw." in html


def test_figures_can_be_measured_beforehand(view: ReportView, figures: Figures) -> None:
    assert dict(write_reports(view, figures=figures)) == dict(
        write_reports(view, figures=measure_districts(view))
    )
