"""Writes a whole set of reports: every district's page and the index, in every language asked for."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace

from outreach.files import make_slug
from outreach.reports.charts.choropleth import survey_ground
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.pages.district import Frame, Link, write_district
from outreach.reports.pages.index import write_index
from outreach.reports.pages.season import Money, write_season
from outreach.reports.text.catalog import Words, read_words
from outreach.reports.text.test_result import Readout


def write_reports(
    view: ReportView,
    languages: Iterable[str] = ("en",),
    *,
    made: dt.date | None = None,
    run: str = "",
    figures: Figures | None = None,
    home: str = "",
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
        From :func:`outreach.reports.data.metrics.measure_districts`, if measured already.
    home
        A page that the index leads back to, if any.

    Raises
    ------
    DataError
        A language has no catalogue, or one with a fault.
    NothingThere
        No tract with a rate lies in a district.
    """
    spoken = [read_words(code) for code in languages]
    figures = figures or measure_districts(view)
    ground = survey_ground(view.tracts, view.districts)
    names = name_files(view)
    for words in spoken:
        files = {district: localise_name(name, words, spoken) for district, name in names.items()}
        index = localise_name("index.html", words, spoken)
        around = {name: make_frame(name, words, spoken, made, run) for name in names.values()}
        season = Link(localise_name("season.html", words, spoken), words.say("index.season"))
        around["index.html"] = replace(
            make_frame("index.html", words, spoken, made, run, index=home), siblings=(season,)
        )
        yield index, write_index(figures, ground, view, words, around["index.html"], files)
        for district, file in files.items():
            yield (
                file,
                write_district(district, figures, ground, view, words, around[names[district]]),
            )


def write_seasons(
    view: ReportView,
    figures: Figures,
    money: Money,
    languages: Iterable[str] = ("en",),
    *,
    made: dt.date | None = None,
    run: str = "",
    effect: Readout | None = None,
    home: str = "",
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of the season summary in each language: ``season.html``, ``season.es.html``."""
    spoken = [read_words(code) for code in languages]
    for words in spoken:
        frame = make_frame("season.html", words, spoken, made, run, index=home)
        yield (
            localise_name("season.html", words, spoken),
            write_season(figures, view, words, frame, money, effect),
        )


def write_alone(
    view: ReportView,
    figures: Figures,
    wanted: Iterable[tuple[str | None, str]],
    money: Money,
    *,
    made: dt.date | None = None,
    run: str = "",
    effect: Readout | None = None,
) -> dict[tuple[str | None, str], tuple[str, str]]:
    """Return file name and content of pages that lead to no other page, as a mail carries them.

    Parameters
    ----------
    wanted
        District (``None`` for the season summary) and language of each page.
    view, figures, money, made, run, effect
        As in :func:`write_reports` and :func:`write_seasons`.
    """
    ground, names = survey_ground(view.tracts, view.districts), name_files(view)
    pages: dict[tuple[str | None, str], tuple[str, str]] = {}
    for district, code in dict.fromkeys(wanted):
        words = read_words(code)
        frame = Frame(made=words.say("page.made", date=words.date(made), run=run) if made else "")
        name = "season.html" if district is None else names[district]
        page = (
            write_season(figures, view, words, frame, money, effect)
            if district is None
            else write_district(district, figures, ground, view, words, frame)
        )
        pages[(district, code)] = (
            name if code == "en" else name.replace(".html", f".{code}.html"),
            page,
        )
    return pages


def name_files(view: ReportView) -> dict[str, str]:
    """Return a file name for each district, safe on every system and unlike any other of the set, whatever its id."""
    taken: set[str] = {"index", "season"}
    names = {}
    kind = make_slug(view.kind)
    for district in map(str, view.districts.index):
        plain = "-".join(filter(None, (kind, make_slug(district)))) or "district"
        name, number = plain, 1
        while name in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name)
        names[district] = f"{name}.html"
    return names


def make_frame(
    name: str,
    words: Words,
    spoken: list[Words],
    made: dt.date | None,
    run: str,
    index: str = "index.html",
) -> Frame:
    """Return what stands around a page: its index, the same page in other languages, when it was made."""
    others = tuple(
        Link(localise_name(name, other, spoken), str(other.texts["language.name"]), other.code)
        for other in spoken
        if other.code != words.code
    )
    line = words.say("page.made", date=words.date(made), run=run) if made else ""
    back = localise_name(index, words, spoken) if index and name != index else ""
    return Frame(made=line, index=back, languages=others)


def localise_name(name: str, words: Words, spoken: list[Words]) -> str:
    """Return a page's file name in a language."""
    return name if words.code == spoken[0].code else name.replace(".html", f".{words.code}.html")
