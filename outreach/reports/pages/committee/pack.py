"""Write the pack of a complete count committee as one page to print, in every language."""

from collections.abc import Mapping, Sequence
from typing import Any

from outreach.catalog import Words
from outreach.catalog.retell import tell_plainly
from outreach.files import make_slug
from outreach.reports.charts.choropleth import prepare_ground
from outreach.reports.charts.legend import list_classes
from outreach.reports.data.committee import WHOLE, Committee
from outreach.reports.pages.committee.sheet import describe_expected, describe_sheet, list_scenarios
from outreach.reports.pages.frame import Origin, localize_name, make_frame
from outreach.reports.pages.render import render_page
from outreach.reports.text.method import describe_method

PAGE = "pack.html"
#: Districts that the summary names, and the scenario that it shows of them.
_MOST, _MIDDLE = 12, "middle"


def write_packs(
    committee: Committee, origin: Origin, languages: Sequence[str]
) -> Mapping[str, str]:
    """Return the pack in every language, by file name.

    Parameters
    ----------
    committee
        What it shows.
    origin
        When it is made, and from which run.
    languages
        Codes of catalogs; the first has the plain file name.
    """
    catalogs = [committee.view.read_words(code) for code in languages]
    return {
        localize_name(PAGE, words, catalogs): _write_pack(committee, origin, words, catalogs)
        for words in catalogs
    }


def _write_pack(
    committee: Committee, origin: Origin, words: Words, catalogs: Sequence[Words]
) -> str:
    """Return the pack in one language."""
    view, figures = committee.view, committee.figures
    ground = prepare_ground(view.tracts, view.districts)
    order = figures.table["rank_missing"].sort_values(kind="stable").index
    districts = [str(district) for district in order]
    return render_page(
        "committee",
        words,
        title=words.say("pack.title", name=view.title),
        view=view,
        frame=make_frame(PAGE, words, catalogs, origin, index=""),
        summary=_summarize(committee, words),
        whole=describe_sheet(WHOLE, committee, ground, words),
        most=[_write_row(district, committee, words) for district in districts[:_MOST]],
        rows=[_write_row(district, committee, words) for district in districts],
        sheets=[
            describe_sheet(str(district), committee, ground, words)
            for district in figures.table.index
        ],
        legend=list_classes(words),
        sources=_list_sources(committee, words),
        method=[
            *describe_method(figures, view, words, None, brief=True),
            *tell_plainly(
                words.say("pack.method_class"),
                words.say("pack.method_reach"),
                words.say("pack.method_team", **_write_prices(committee, words)),
                words.say("pack.method_partners", **_write_prices(committee, words)),
            ),
        ],
    )


def _summarize(committee: Committee, words: Words) -> list[str]:
    """Return what a mayor should know, in sentences."""
    view, table = committee.view, committee.figures.table
    whole = describe_expected(WHOLE, committee, words)
    sentences = [
        words.say("pack.summary_rate", **whole, goal=words.share(view.goal_share, 0)),
        words.say("pack.summary_missing", **whole),
    ]

    # Where half of the need is.
    missing = table["missing_count"].dropna().sort_values(ascending=False)
    if missing.sum() > 0:
        half = int((missing.cumsum() < missing.sum() / 2).sum()) + 1
        sentences.append(
            words.say("pack.summary_half", count=half, all=len(table), kind=words.kind(view.kind))
        )
    sentences.extend(
        words.say(
            "pack.summary_cost",
            share=words.share(need["need_share"], 0),
            households=words.say("unit.households", count=need["missing_households_count"]),
            cost=words.money(need["cost_usd"]),
            staff=need["staff_count"],
            partners=need["partners_count"],
        )
        for need in committee.list_needed(WHOLE)
        if need["scenario"] == _MIDDLE
    )
    return sentences


def _write_row(district: str, committee: Committee, words: Words) -> dict[str, Any]:
    """Return one district as a row of the table of all."""
    middle = [
        row
        for row, need in zip(
            list_scenarios(district, committee, words),
            committee.list_needed(district),
            strict=True,
        )
        if need["scenario"] == _MIDDLE
    ]
    return {
        "name": str(committee.figures.row(district)["name"]),
        **describe_expected(district, committee, words, "pack.short_range"),
        "hard": words.share(committee.share(district, "hard_to_count"), 0),
        "bar": float(committee.expect(district)["rate_share"]),
        "cost": middle[0]["cost"] if middle else "",
        "staff": middle[0]["staff"] if middle else "",
        "partners": middle[0]["partners"] if middle else "",
    }


def _list_sources(committee: Committee, words: Words) -> list[str]:
    """Return what went into the run, with its year."""
    names = [
        (words.find(f"pack.source.{make_slug(each.name)}", each.name), each.vintage)
        for each in committee.sources
    ]
    return [" ".join(filter(None, name)) for name in names]


def _write_prices(committee: Committee, words: Words) -> dict[str, str]:
    """Return the prices of a contact as text."""
    prices = committee.prices
    return {
        "ads": words.price(prices["household_usd"]),
        "letter": words.price(prices["letter_usd"]),
        "letters": words.decimal(prices["letters"]),
        "hour": words.price(prices["staff_hour_usd"]),
        "calls_per_hour": words.decimal(prices["calls_per_hour"]),
        "calls": words.decimal(prices["calls"]),
        "doors_per_hour": words.decimal(prices["doors_per_hour"]),
        "visits": words.decimal(prices["visits"]),
        "hours": words.decimal(prices["staff_hours"]),
        "households": words.decimal(prices["partner_households"]),
    }
