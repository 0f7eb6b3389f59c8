"""Put one district of a committee's pack in words."""

from typing import Any, cast

import pandas as pd

from outreach.catalog import Words
from outreach.reports.charts.choropleth import Ground, draw_district, draw_districts
from outreach.reports.charts.legend import describe_district_map, describe_districts_map
from outreach.reports.data.committee import PEOPLE, WHOLE, Committee
from outreach.reports.pages.sites import describe_sites
from outreach.reports.text.advice import name_tract

#: Rows of a page's tables: languages, languages with a hand-off, and tracts.
_LANGUAGES, _HANDOFFS, _TRACTS = 6, 4, 9
#: At least so many tracts are listed where the campaign's own lines take the room of others.
_FEWEST_TRACTS = 3
#: Rows of places on a page.
_SITES = 5
#: The scenario whose hand-off is shown by language.
_MIDDLE = "middle"
#: Smaller parts of a tract are not listed.
_SMALLEST_PART = 0.01
#: Fewer households than this round to none.
_NONE = 0.5
_CHANNELS = ("ads", "phone", "paper", "door")


def describe_sheet(
    district: str, committee: Committee, ground: Ground, words: Words
) -> dict[str, Any]:
    """Return everything that the page of one district shows, as text.

    Parameters
    ----------
    district
        Its id, or :data:`outreach.reports.data.committee.WHOLE` for all together.
    committee, ground
        What the pack shows, and the polygons of its districts.
    words
        The language of the page.
    """
    view, figures = committee.view, committee.figures
    row = committee.row(district)
    people = _list_people(district, committee, words)
    own = figures.parts[figures.parts["district"] == district]
    sites = None if district == WHOLE else describe_sites(district, view, own, words, most=_SITES)
    # Each line of the campaign's own takes the place of a tract, so that all fits on one page.
    extra = len(people) - len(PEOPLE) + len({line["heading"] for line in people} - {""})
    extra += 0 if sites is None else len(sites["rows"]) + len(sites["far"]) + 1
    most = max(_FEWEST_TRACTS, _TRACTS - max(0, extra))
    if district == WHOLE:
        shown = draw_districts(ground, figures.table["cumulative_share"])
        alt = describe_districts_map(figures.table, words)
        name = view.title
    else:
        shown = draw_district(ground, district, view.tracts["cumulative_share"], 380, 250)
        name = str(row["name"])
        alt = describe_district_map(own, name, words)
    return {
        "id": district,
        "name": name,
        "place": _describe_place(district, committee, words),
        "expected": describe_expected(district, committee, words),
        "map": shown,
        "alt": alt,
        "people": people,
        "languages": _list_languages(district, committee, words),
        "scenarios": list_scenarios(district, committee, words),
        "handoff": _list_handoff(district, committee, words),
        "sites": sites,
        **_list_tracts(district, committee, words, most),
    }


def describe_expected(
    district: str, committee: Committee, words: Words, key: str = "pack.range"
) -> dict[str, str]:
    """Return rate and missing households of a district as text, each with its range (``key``)."""
    figures = committee.expect(district)
    return {
        "rate": words.share(figures["rate_share"]),
        "range": _write_range(words, words.share, figures["low_share"], figures["high_share"], key),
        "past": ""
        if pd.isna(figures["past_share"])
        else words.say(
            "pack.past",
            share=words.share(figures["past_share"]),
            year=str(committee.view.past_census),
        ),
        "missing": words.count(figures["missing_count"]),
        "missing_range": _write_range(
            words,
            words.count,
            figures["missing_low_count"],
            figures["missing_high_count"],
            key,
        ),
        "households": words.say("unit.households", count=figures["households_count"])
        if pd.notna(figures["households_count"])
        else words.say("unit.unknown"),
    }


def list_scenarios(district: str, committee: Committee, words: Words) -> list[dict[str, str]]:
    """Return what reaching a part of the need takes, a row for each scenario, as text."""
    return [
        {
            "name": words.say("pack.need", share=words.share(need["need_share"], 0)),
            "missing": words.count(need["missing_households_count"]),
            **{channel: words.money(need[f"{channel}_usd"]) for channel in _CHANNELS},
            "cost": words.money(need["cost_usd"]),
            "staff": words.count(need["staff_count"]),
            "partners": words.count(need["partners_count"]),
        }
        for need in committee.list_needed(district)
    ]


def name_language(code: str, words: Words) -> str:
    """Return the name of a language of the pack."""
    return words.say(f"pack.language.{code}") if code else ""


def _write_range(words: Words, write: Any, low: float, high: float, key: str) -> str:
    """Write an 80% range; empty where there is none."""
    if pd.isna(low) or pd.isna(high):
        return ""
    return words.say(key, low=write(low), high=write(high))


def _describe_place(district: str, committee: Committee, words: Words) -> str:
    """Say where a district stands among all by the households that it would miss."""
    row, count = committee.row(district), len(committee.figures.table)
    if district == WHOLE:
        kind = committee.view.kind
        return words.say("pack.all", count=count, kind=words.kind(kind))
    if pd.isna(row["rank_missing"]):
        return ""
    return words.say("pack.place", place=row["rank_missing"], count=count)


def _list_people(district: str, committee: Committee, words: Words) -> list[dict[str, Any]]:
    """Return what is known of the people of a district, beside all districts together."""
    names = {name: words.say(f"pack.people.{name}") for name in PEOPLE} | committee.own
    lines = [
        (
            committee.headings.get(name, ""),
            title,
            committee.share(district, name),
            committee.share(WHOLE, name),
        )
        for name, title in names.items()
    ]
    return [
        {
            "heading": heading,
            "name": title,
            "share": own,
            "figure": words.share(own, 0),
            "all": words.share(everyone, 0),
            "all_share": everyone,
        }
        for heading, title, own, everyone in lines
        if pd.notna(own)
    ]


def _list_languages(district: str, committee: Committee, words: Words) -> list[dict[str, str]]:
    """Return the languages of households that speak little English, the most common first."""
    table = committee.languages
    own = table[(table["district"] == district) & (table["households_count"] >= _NONE)]
    own = own.sort_values(["households_count", "code"], ascending=[False, True])
    return [
        {
            "name": name_language(str(row["code"]), words),
            "households": words.count(row["households_count"]),
            "ads": words.say("pack.yes" if row["is_creative"] else "pack.no"),
        }
        for row in own.head(_LANGUAGES).to_dict("records")
    ]


def _list_handoff(district: str, committee: Committee, words: Words) -> list[dict[str, str]]:
    """Return whom phone, paper, and visits are for in the middle scenario, by language."""
    table = committee.reach
    own = table[
        (table["district"] == district)
        & (table["scenario"] == _MIDDLE)
        & (table["channel"] != "ads")
    ]
    homes = own.pivot_table(
        index="code", columns="channel", values="homes_count", aggfunc="sum", fill_value=0.0
    ).reindex(columns=_CHANNELS[1:], fill_value=0.0)
    cost = own.groupby("code")["cost_usd"].sum()
    order = cost.sort_values(ascending=False).head(_HANDOFFS).index
    return [
        {
            "name": name_language(str(code), words),
            **{channel: words.count(homes.loc[code, channel]) for channel in _CHANNELS[1:]},
            "cost": words.money(cost[code]),
        }
        for code in order
    ]


def _list_tracts(district: str, committee: Committee, words: Words, most: int) -> dict[str, Any]:
    """Return the first tracts of a district by rank, and how many more there are."""
    parts = committee.figures.parts
    own = parts[(parts["district"] == district) & (parts["weight"] >= _SMALLEST_PART)]
    own = own.drop(columns=["rank", "hard_to_count_class"], errors="ignore")
    own = own.join(committee.tracts, on="geoid", validate="many_to_one")
    ranked = own[own["rank"].notna()].sort_values(["rank", "geoid"])
    rows = cast("list[dict[str, Any]]", ranked.head(most).to_dict("records"))
    return {
        "tracts": [_write_tract(row, words) for row in rows],
        "more": words.say("pack.more", count=len(ranked) - most) if len(ranked) > most else "",
    }


def _write_tract(row: dict[str, Any], words: Words) -> dict[str, str]:
    """Return one tract as text."""
    rate = row["final_share"] if pd.notna(row["final_share"]) else row["cumulative_share"]
    number = row["hard_to_count_class"]
    return {
        "rank": words.count(row["rank"]),
        "name": name_tract(str(row["name"]), words),
        "rate": words.share(rate),
        "range": _write_range(
            words,
            words.share,
            row["final_low80_share"],
            row["final_high80_share"],
            "pack.short_range",
        ),
        "missing": words.count(row["households_count"] * (1 - rate)),
        "class": "" if pd.isna(number) else words.say("pack.class", number=number),
        "channel": words.say(f"pack.channel.{row['channel']}") if row["channel"] else "",
        "language": name_language(str(row["code"]), words),
    }
