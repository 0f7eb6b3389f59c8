"""Writes a whole set of reports: every district's page and the index, in every language asked for."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from outreach.reports.district import Frame, Link, write_district
from outreach.reports.figures import Figures, measure_districts
from outreach.reports.ground import survey_ground
from outreach.reports.index import write_index
from outreach.reports.season import Money, write_season
from outreach.reports.view import ReportView
from outreach.reports.words import Words, read_words

_LONGEST_NAME = 60


def write_reports(
    view: ReportView,
    languages: Iterable[str] = ("en",),
    *,
    made: dt.date | None = None,
    run: str = "",
    figures: Figures | None = None,
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of every page: ``index.html`` and a page for each district; further languages as ``index.es.html``.

    Parameters
    ----------
    view
        What is shown.
    languages
        Codes of catalogues; the first is that of the plain file names.
    made, run
        Day of making and the run's id, for the foot of each page.
    figures
        From :func:`outreach.reports.figures.measure_districts`, if measured already.

    Raises
    ------
    DataError
        A language has no catalogue, or one with a fault.
    NothingThere
        No tract with a rate lies in a district.
    """
    spoken = [read_words(code) for code in languages]
    figures = figures or measure_districts(view)
    ground = survey_ground(
        view.tracts, view.districts, figures.parts["cumulative_share"], figures.table["cumulative_share"]
    )
    names = name_files(view)
    for words in spoken:
        files = {district: _localise(name, words, spoken) for district, name in names.items()}
        index = _localise("index.html", words, spoken)
        around = {name: make_frame(name, words, spoken, made, run) for name in ("index.html", *names.values())}
        yield index, write_index(figures, ground, view, words, around["index.html"], files)
        for district, file in files.items():
            yield file, write_district(district, figures, ground, view, words, around[names[district]])


def write_seasons(
    view: ReportView,
    figures: Figures,
    money: Money,
    languages: Iterable[str] = ("en",),
    *,
    made: dt.date | None = None,
    run: str = "",
    effect: str = "",
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of the season summary in each language: ``season.html``, ``season.es.html``."""
    spoken = [read_words(code) for code in languages]
    for words in spoken:
        frame = make_frame("season.html", words, spoken, made, run, index="")
        yield _localise("season.html", words, spoken), write_season(figures, view, words, frame, money, effect)


def name_files(view: ReportView) -> dict[str, str]:
    """Return a file name for each district, safe on every system and unlike any other of the set, whatever its id."""
    taken: set[str] = {"index", "season"}
    names = {}
    kind = _slug(view.kind)
    for district in map(str, view.districts.index):
        plain = "-".join(filter(None, (kind, _slug(district)))) or "district"
        name, number = plain, 1
        while name in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name)
        names[district] = f"{name}.html"
    return names


def make_frame(
    name: str, words: Words, spoken: list[Words], made: dt.date | None, run: str, index: str = "index.html"
) -> Frame:
    """Return what stands around a page: its index, the same page in other languages, when it was made."""
    others = tuple(
        Link(_localise(name, other, spoken), str(other.texts["language.name"]), other.code)
        for other in spoken
        if other.code != words.code
    )
    line = words.say("page.made", date=words.date(made), run=run) if made else ""
    return Frame(made=line, index=_localise(index, words, spoken) if index and name != index else "", languages=others)


def _localise(name: str, words: Words, spoken: list[Words]) -> str:
    """Return a page's file name in a language."""
    return name if words.code == spoken[0].code else name.replace(".html", f".{words.code}.html")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST_NAME]
