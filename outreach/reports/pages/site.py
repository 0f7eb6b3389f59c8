"""Write the front page of a run's public site."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from outreach.catalog import Words
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.open_data.small_counts import BLURRED, FEWEST_HOUSEHOLDS, SMALLEST_SHOWN
from outreach.reports.pages.city_figures import show_city_figures
from outreach.reports.pages.frame import Link, Origin, localize_name, make_frame
from outreach.reports.pages.rate_bars import compare_rates, describe_place
from outreach.reports.pages.render import render_page
from outreach.reports.text.method import describe_method


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """One part of the site: its link, and a sentence about it."""

    link: Link
    note: str


def write_fronts(
    figures: Figures,
    view: ReportView,
    folders: dict[str, str],
    languages: Iterable[str] = ("en",),
    *,
    test_running: bool,
    origin: Origin = Origin(),  # noqa: B008  frozen
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of the front page in each language.

    Parameters
    ----------
    figures, view
        From :func:`outreach.reports.open_data.redact.make_public`, of the first kind of district.
    folders
        Kind of district to the folder of its pages.
    languages, origin
        As in :func:`outreach.reports.pages.report_set.write_reports`.
    test_running
        Whether a test is in flight, so that its arms are withheld.
    """
    catalogs = [view.read_words(code) for code in languages]
    for words in catalogs:
        page = render_page(
            "site",
            words,
            title=view.title,
            view=view,
            frame=make_frame("index.html", words, catalogs, origin),
            whole=figures.whole,
            place=describe_place(figures, view, words, None),
            bars=compare_rates(figures, view, words, None),
            city=show_city_figures(view, words),
            entries=_list_entries(folders, words, catalogs),
            omissions=_list_omissions(view, words, test_running=test_running),
            method=describe_method(figures, view, words, None, brief=True),
        )
        yield localize_name("index.html", words, catalogs), page


def _list_entries(
    folders: dict[str, str], words: Words, catalogs: Sequence[Words]
) -> list[SiteEntry]:
    """Return the map, then the pages, season and data of each kind of district."""
    entries = [
        SiteEntry(
            Link(_address_map(words, catalogs), words.say("site.map")), words.say("site.map_note")
        )
    ]
    files = {
        "reports": localize_name("index.html", words, catalogs),
        "season": localize_name("season.html", words, catalogs),
        "data": "open-data/datapackage.json",
    }
    entries += [
        SiteEntry(
            Link(f"{folder}/{file}", words.say(f"site.{key}", kind=words.kind(kind))),
            words.say(f"site.{key}_note"),
        )
        for kind, folder in folders.items()
        for key, file in files.items()
    ]
    return entries


def _address_map(words: Words, catalogs: Sequence[Words]) -> str:
    """Return the address of the map, which opens in the site's first language by itself."""
    return "map.html" if words is catalogs[0] else f"map.html#lang={words.code}"


def _list_omissions(view: ReportView, words: Words, *, test_running: bool) -> list[str]:
    """Say what the site leaves out."""
    most, count = SMALLEST_SHOWN - 1, view.hidden_count or 0
    tracts = words.say("unit.tracts", count=count)
    hidden = words.say("site.hidden", most=most, fewest=FEWEST_HOUSEHOLDS, tracts=tracts)
    groups = words.say("site.groups", most=most, blurred=BLURRED)
    sentences = [hidden, groups, words.say("site.inside")]
    return [*sentences, words.say("site.withheld")] if test_running else sentences
