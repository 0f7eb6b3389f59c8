"""What is public: no small count, priority or money, and nothing that depends on one."""

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from outreach.catalog import read_words
from outreach.errors import StoreError
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import measure_districts
from outreach.reports.open_data.package import write_open_data
from outreach.reports.open_data.redact import Publication, make_public
from outreach.reports.open_data.register import (
    DisclosureRegister,
    read_register,
    update_register,
)
from outreach.reports.open_data.small_counts import find_small
from outreach.reports.open_data.terms import PublicationTerms
from outreach.reports.pages.frame import Origin
from outreach.reports.pages.report_set import write_reports, write_seasons
from outreach.reports.pages.site import write_fronts
from outreach.reports.pages.tract_table import list_tracts
from outreach.tables import Crosswalk, Scores, Tracts, as_geo_table, as_table
from tests.reports.town import SPEND, Tags, make_view

SMALL = "99001000600"
TERMS = PublicationTerms(version="2020-06-12", made=dt.date(2020, 6, 13))


def publish(publication: Publication) -> dict[str, bytes]:
    """Return every file that a publication has, but for the map."""
    view, figures = publication.view, publication.figures
    spend = dataclasses.replace(SPEND, withheld=True)
    pages = [
        *write_reports(view, ("en", "es"), figures=figures, home="../index.html"),
        *write_seasons(view, figures, spend, ("en", "es")),
    ]
    fronts = write_fronts(figures, view, {"Ward": "ward"}, test_running=True, origin=Origin())
    files = {f"ward/{name}": text.encode() for name, text in pages}
    files |= {name: text.encode() for name, text in fronts}
    return files | write_open_data(publication, TERMS)


def change_tract(view: ReportView, geoid: str, **figures: float) -> ReportView:
    """Return a view in which one tract has other figures."""
    tracts = view.tracts.copy()
    for name, figure in figures.items():
        tracts.loc[geoid, name] = figure
    return dataclasses.replace(view, tracts=as_geo_table(tracts, Tracts))


def test_public_pages_hide_small_counts_ranks_and_money(view: ReportView) -> None:
    publication = make_public(view, test_running=True)
    public, figures = publication.view, publication.figures
    assert public.targets is None
    assert publication.hidden == {SMALL}
    assert figures.table["planned_usd"].sum() == 0
    whole = measure_districts(view).whole["households_count"]
    assert figures.whole["households_count"] == pytest.approx(whole - 7)
    rows = list_tracts(figures.parts, figures, read_words("en"))
    assert {row["rank"] for row in rows} == {""}
    page = Tags(dict(write_reports(public, figures=figures))["ward-1.html"]).text
    assert "1 tract with fewer than 100 households" in page


def test_public_pages_give_the_area_the_range_that_the_team_sees(view: ReportView) -> None:
    middle = view.scores["final_share"]
    moved = view.scores.assign(area_low80_share=middle - 0.01, area_high80_share=middle + 0.012)
    moved_view = dataclasses.replace(view, scores=as_table(moved, Scores))
    public = make_public(moved_view, test_running=True).figures.whole
    assert public["final_low80_share"] == pytest.approx(public["final_share"] - 0.01)
    assert public["final_high80_share"] == pytest.approx(public["final_share"] + 0.012)


@pytest.mark.parametrize("language", ["en", "es"])
def test_public_pages_tell_no_targets_budgets_or_priorities(
    view: ReportView, language: str
) -> None:
    names = {
        "en": (
            "Start in",
            "furthest below",
            "ads are planned",
            "target for this week",
            "Priority<",
        ),
        "es": ("Empiece en", "Revise", "previstos", "meta menor", "Prioridad<"),
    }[language]
    scores = view.scores.assign(peer_share=view.tracts["cumulative_share"] + 0.1)
    team = dataclasses.replace(view, scores=scores)
    written = dict(write_reports(team, (language,)))
    inside = "".join(written.values())
    assert sum(name in inside for name in names) >= 3
    files = publish(make_public(team, test_running=False))
    for file, content in files.items():
        if file.endswith(".html"):
            text = content.decode()
            assert [name for name in names if name in text] == [], file
            assert "$" not in text, file


@pytest.mark.parametrize(("households", "others"), [(7.0, 3.0), (7.0, 60.0), (1.0, 94.0)])
def test_no_published_byte_depends_on_a_hidden_count(
    view: ReportView, households: float, others: float
) -> None:
    def publish_with(count: float) -> dict[str, bytes]:
        figures = {
            "households_count": count,
            "housing_units_count": count + 2,
            "offline_households_count": count / 3,
            "limited_english_households_spanish_count": count / 2,
        }
        now = change_tract(view, SMALL, **figures)
        then = change_tract(make_view(dt.date(2020, 6, 5)), SMALL, **figures)
        return publish(make_public(now, then, test_running=True))

    assert publish_with(households) == publish_with(others)


def test_a_small_count_of_a_group_stands_as_five_and_counts_that_nothing_shows_stay_inside(
    view: ReportView,
) -> None:
    spanish = "limited_english_households_spanish_count"
    tracts = view.tracts.assign(poor_households_count=40.0)
    tracts[spanish] = 0.0
    counts = {"99001000100": 0.4, "99001000700": 1.0, "99001000800": 9.4, "99001000900": 9.6}
    for geoid, count in counts.items():
        tracts.loc[geoid, spanish] = count
    town = dataclasses.replace(view, tracts=as_geo_table(tracts, Tracts))
    public = make_public(town, test_running=True).view.tracts
    assert public.loc[list(counts), spanish].tolist() == [0, 5, 5, 10]
    assert "poor_households_count" not in public


def test_a_shown_count_does_reach_the_bytes(view: ReportView) -> None:
    """Without this the test before could pass because nothing is published at all."""
    changed = change_tract(view, "99001000700", households_count=999.0)
    files, others = (publish(make_public(one, test_running=True)) for one in (view, changed))
    assert {name for name in files if files[name] != others[name]} >= {
        "tracts.csv",
        "districts.csv",
        "index.html",
        "ward/index.html",
        "ward/season.html",
    }


def test_a_small_part_of_a_tract_counts_where_most_of_the_tract_is(view: ReportView) -> None:
    crosswalk = view.crosswalk.copy()
    row = (crosswalk["source"] == "99001000900") & (crosswalk["target"] == "../2")
    crosswalk.loc[row, "weight"] = 0.02
    crosswalk.loc[(crosswalk["source"] == "99001000900") & ~row, "weight"] = 0.98
    sliver = dataclasses.replace(
        view,
        crosswalk=as_table(crosswalk, Crosswalk),
        other_crosswalks={"land": as_table(crosswalk, Crosswalk)},
    )
    public = make_public(sliver, test_running=True).view
    for merged in (public.crosswalk, public.other_crosswalks["land"]):
        part = merged[merged["source"] == "99001000900"]
        assert part["target"].tolist() == ["1"]
        assert part["weight"].tolist() == [1.0]
        assert merged.groupby("source")["weight"].sum().to_numpy() == pytest.approx(1)
    large = public.crosswalk[public.crosswalk["source"] == "99001002700"]
    assert large["weight"].tolist() == [0.7, 0.3]


def test_no_part_shown_has_a_count_from_1_to_9(view: ReportView) -> None:
    parts = make_public(view, test_running=True).figures.parts
    missing = parts["households_count"] * (1 - parts["cumulative_share"])
    for counts in (parts["households_count"], missing):
        assert not counts.round().between(1, 9).any()


@pytest.mark.parametrize(
    ("households", "share", "small"),
    [
        (0, 0.5, False),
        (1, 0.0, True),
        (9, np.nan, True),
        (94, 0.1, True),
        (100, 0.1, False),
        (100, np.nan, False),
        (np.nan, 0.5, False),
        (1000, 0.98, False),
        (1000, 0.991, True),
        (1000, 1.0, True),
    ],
)
def test_small_is_what_has_few_missing_now_or_late_in_a_season(
    households: float, share: float, *, small: bool
) -> None:
    places = pd.DataFrame({"households_count": [households], "cumulative_share": [share]})
    assert find_small(places).tolist() == [small]


def test_once_hidden_stays_hidden(view: ReportView) -> None:
    register = DisclosureRegister().extend([view])
    grown = change_tract(view, SMALL, households_count=900.0)
    assert make_public(grown, test_running=True).hidden == set()
    later = make_public(grown, test_running=True, register=register.extend([grown]))
    assert later.hidden == {SMALL}
    assert later.withheld == set()
    assert pd.isna(later.view.tracts.loc[SMALL, "households_count"])
    assert later.view.tracts.loc[SMALL, "cumulative_share"] > 0


def test_a_count_that_becomes_small_after_it_was_shown_takes_the_rate_with_it(
    view: ReportView,
) -> None:
    register = DisclosureRegister().extend([view])
    geoid = "99001000400"

    def publish_with(rate: float) -> dict[str, bytes]:
        late = change_tract(view, geoid, cumulative_share=rate, internet_share=rate)
        late = dataclasses.replace(
            late, scores=late.scores.assign(final_share=late.tracts["cumulative_share"])
        )
        publication = make_public(
            late, view, test_running=True, register=register.extend([late, view])
        )
        assert publication.withheld == {geoid}
        return publish(publication)

    files = publish_with(0.97)
    assert files == publish_with(0.99)
    row = next(line for line in files["tracts.csv"].decode().splitlines() if geoid in line)
    assert row.endswith("households_count missing_households_count cumulative_share internet_share")


def test_a_register_reads_back_and_grows(view: ReportView, tmp_path: Path) -> None:
    path = tmp_path / "disclosure" / "2020.json"
    assert read_register(path) == DisclosureRegister()
    first = update_register(path, [view])
    assert read_register(path) == first
    assert SMALL in first.hidden
    assert "99001000700" in first.shown
    assert not first.hidden & first.shown
    content = path.read_bytes()
    assert update_register(path, [view]) == first
    assert path.read_bytes() == content


def _cut(text: str) -> str:
    return text[: len(text) // 2]


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: "",
        _cut,
        lambda _: "[]",
        lambda _: "null",
        lambda text: text.replace('"hidden"', '"hiden"'),
        lambda _: json.dumps({"hidden": [1], "withheld": [], "shown": []}),
        lambda _: json.dumps({"hidden": 5, "withheld": [], "shown": []}),
        lambda _: "[" * 100_000,
    ],
)
def test_a_damaged_register_is_one_sentence_and_stays_as_it_is(
    damage: Callable[[str], str], view: ReportView, tmp_path: Path
) -> None:
    path = tmp_path / "2020.json"
    update_register(path, [view])
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    content = path.read_bytes()
    with pytest.raises(StoreError, match=r"hidden counts .*2020\.json cannot be read"):
        update_register(path, [view])
    assert path.read_bytes() == content


def test_the_front_page_counts_one_hidden_tract_as_one(view: ReportView) -> None:
    publication = make_public(view, test_running=False)
    for count, words in ((1, "(1 tract)"), (2, "(2 tracts)")):
        shown = dataclasses.replace(publication.view, hidden_count=count)
        ((_, page),) = write_fronts(
            publication.figures, shown, {"Ward": "ward"}, test_running=False
        )
        assert words in page
