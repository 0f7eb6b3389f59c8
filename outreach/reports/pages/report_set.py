"""Write a whole set of reports: every district and the index, in every language."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from outreach.catalog import read_words
from outreach.files import make_slug
from outreach.reports.charts.choropleth import prepare_ground
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.data.spend import PlannedSpend
from outreach.reports.pages.district import write_district
from outreach.reports.pages.frame import Frame, Link, Origin, localize_name, make_frame
from outreach.reports.pages.index import write_index
from outreach.reports.pages.season import write_season
from outreach.reports.text.test_result import Readout


def write_reports(
    view: ReportView,
    languages: Iterable[str] = ("en",),
    *,
    origin: Origin = Origin(),  # noqa: B008  frozen
    figures: Figures | None = None,
    home: str = "",
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of every page.

    The index is ``index.html``; further languages are ``index.es.html`` and so on.

    Parameters
    ----------
    view
        What is shown.
    languages
        Codes of catalogs; the first one has the plain file names.
    origin
        When the pages are made, and from which run.
    figures
        From :func:`outreach.reports.data.metrics.measure_districts`, if measured already.
    home
        A page that the index links back to, if any.

    Raises
    ------
    DataError
        A language has no catalog, or a faulty one.
    NothingThere
        No tract with a rate lies in a district.
    """
    figures = figures or measure_districts(view)
    ground = prepare_ground(view.tracts, view.districts)
    names = name_files(view)
    catalogs = [view.read_words(code) for code in languages]
    for words in catalogs:
        files = {district: localize_name(name, words, catalogs) for district, name in names.items()}
        index = localize_name("index.html", words, catalogs)
        season = localize_name("season.html", words, catalogs)
        frame = replace(
            make_frame("index.html", words, catalogs, origin, index=home),
            siblings=(Link(season, words.say("index.season")),),
        )
        yield index, write_index(figures, ground, view, words, frame, files)

        for district, name in names.items():
            frame = make_frame(name, words, catalogs, origin)
            page = write_district(district, figures, ground, view, words, frame)
            yield files[district], page


def write_seasons(
    view: ReportView,
    figures: Figures,
    spend: PlannedSpend,
    languages: Iterable[str] = ("en",),
    *,
    origin: Origin = Origin(),  # noqa: B008  frozen
    effect: Readout | None = None,
    home: str = "",
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of the season summary in each language.

    Parameters
    ----------
    view, figures, languages, origin
        As in :func:`write_reports`.
    spend, effect
        As in :func:`outreach.reports.pages.season.write_season`.
    home
        The page that it links back to, if any.
    """
    catalogs = [view.read_words(code) for code in languages]
    for words in catalogs:
        frame = make_frame("season.html", words, catalogs, origin, index=home)
        page = write_season(figures, view, words, frame, spend, effect)
        yield localize_name("season.html", words, catalogs), page


def write_single_pages(
    view: ReportView,
    figures: Figures,
    requests: Iterable[tuple[str | None, str]],
    spend: PlannedSpend,
    *,
    origin: Origin = Origin(),  # noqa: B008  frozen
    effect: Readout | None = None,
) -> dict[tuple[str | None, str], tuple[str, str]]:
    """Return file name and content of pages without links to others, as a mail carries them.

    Parameters
    ----------
    requests
        District (``None`` for the season summary) and language of each page.
    view, figures, spend, origin, effect
        As in :func:`write_reports` and :func:`write_seasons`.
    """
    ground, names = prepare_ground(view.tracts, view.districts), name_files(view)
    pages: dict[tuple[str | None, str], tuple[str, str]] = {}
    for district, code in dict.fromkeys(requests):
        words = view.read_words(code)
        frame = Frame(made=origin.describe(words))
        if district is None:
            name = "season.html"
            page = write_season(figures, view, words, frame, spend, effect)
        else:
            name = names[district]
            page = write_district(district, figures, ground, view, words, frame)
        name = localize_name(name, words, [read_words("en")])
        pages[(district, code)] = (name, page)
    return pages


def name_files(view: ReportView) -> dict[str, str]:
    """Return a file name for each district: safe on every system, and unique in the set."""
    taken = {"index", "season"}
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
