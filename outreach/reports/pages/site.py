"""The front page of a run's public site: where the response stands, and links to map, reports and open data."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.pages.district import SMALL, Link, compare_rates
from outreach.reports.pages.render import render_page
from outreach.reports.pages.report_set import localise_name, make_frame
from outreach.reports.text.catalog import Words, read_words
from outreach.reports.text.method import tell_method


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to look at: its link, and a sentence about it."""

    link: Link
    note: str


def write_fronts(
    figures: Figures,
    view: ReportView,
    folders: dict[str, str],
    languages: Iterable[str] = ("en",),
    *,
    test_running: bool,
    made: dt.date | None = None,
    run: str = "",
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of the front page in each language.

    Parameters
    ----------
    figures, view
        From :func:`outreach.reports.open_data.redact.make_public`, of the first kind of district.
    folders
        Kind of district to the folder of its pages.
    languages, made, run
        As in :func:`outreach.reports.pages.report_set.write_reports`.
    test_running
        Whether arms and money are withheld.
    """
    spoken = [read_words(code) for code in languages]
    for words in spoken:
        held = [
            words.say("site.hidden", most=SMALL - 1, count=view.hidden_count or 0),
            words.say("site.inside"),
        ]
        held += [words.say("site.withheld")] if test_running else []
        yield (
            localise_name("index.html", words, spoken),
            render_page(
                "site",
                words,
                title=view.title,
                view=view,
                frame=make_frame("index.html", words, spoken, made, run),
                whole=figures.whole,
                bars=compare_rates(figures, view, words, None),
                entries=_list_entries(folders, words, spoken),
                held=held,
                method=tell_method(figures, view, words, None, brief=True),
            ),
        )


def _list_entries(folders: dict[str, str], words: Words, spoken: list[Words]) -> list[Entry]:
    """Return what the site holds: the map, then for each kind of district its pages, season and data."""
    entries = [Entry(Link("map.html", words.say("site.map")), words.say("site.map_note"))]
    for kind, folder in folders.items():
        files = {
            "reports": localise_name("index.html", words, spoken),
            "season": localise_name("season.html", words, spoken),
            "data": "open-data/datapackage.json",
        }
        entries += [
            Entry(
                Link(f"{folder}/{file}", words.say(f"site.{key}", kind=kind)),
                words.say(f"site.{key}_note"),
            )
            for key, file in files.items()
        ]
    return entries
