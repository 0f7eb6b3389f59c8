"""Write the page of planned against delivered."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from outreach.catalog import Words, read_all
from outreach.catalog.retell import tell_plainly
from outreach.files import make_slug
from outreach.reports.charts.spend import draw_spend
from outreach.reports.data.delivery import DeliveryView
from outreach.reports.pages.cards import Card
from outreach.reports.pages.frame import Frame, Origin, localize_name, make_frame
from outreach.reports.pages.render import render_page
from outreach.reports.text.delivery import (
    describe_end,
    describe_invoice,
    describe_verdict,
    describe_warnings,
    name_place,
)
from outreach.units import Ground

_NAME = "delivery.html"
#: Parts of the flight that have a table on the page, with the texts that name their keys.
_TABLES = ("channel", "arm", "language", "week", "unit")
_GROUNDS = {
    Ground.UNBOUGHT.value: "delivery.ground_unbought",
    Ground.COARSE.value: "delivery.ground_coarse",
    Ground.UNKNOWN.value: "delivery.ground_unknown",
    Ground.HOLDOUT.value: "delivery.arm_holdout",
    Ground.BUFFER.value: "delivery.arm_buffer",
}
_VERDICTS = {
    "gains": "delivery.groups_gains",
    "loses": "delivery.groups_loses",
    "as everyone": "delivery.groups_alike",
}


@dataclass(frozen=True, slots=True)
class PartTable:
    """A table of the page: its title, its headings, and its rows of written cells."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def write_delivery_pages(
    view: DeliveryView, languages: Iterable[str] = ("en",)
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of the page in each language; the first has the plain name.

    Each is one HTML file that needs no other file.
    """
    catalogs = read_all(tuple(languages))
    origin = Origin(view.made, view.run_id)
    for words in catalogs:
        frame = make_frame(_NAME, words, catalogs, origin, index="")
        yield localize_name(_NAME, words, catalogs), _write_page(view, words, frame)


def _write_page(view: DeliveryView, words: Words, frame: Frame) -> str:
    """Return the page in one language."""
    return render_page(
        "delivery",
        words,
        title=words.say("delivery.title", campaign=view.campaign),
        source=words.say("delivery.source", run=view.run_id),
        view=view,
        frame=frame,
        verdict=describe_verdict(view, words),
        end=describe_end(view, words),
        warnings=describe_warnings(view, words),
        invoice=describe_invoice(view.invoice, words) if view.invoice else "",
        cards=_list_cards(view, words),
        chart=draw_spend(view, words),
        tables=[_make_table(view, part, words) for part in _TABLES],
        leaks=_list_leaks(view, words),
        unserved=_list_unserved(view, words),
        has_places=pd.notna(_measure_leak(view)),
        groups=_list_groups(view, words),
        race=_note_race(view, words),
        method=tell_plainly(*_describe_method(view, words)),
    )


def _list_cards(view: DeliveryView, words: Words) -> list[Card]:
    """Return the figures in boxes."""
    total, pace = view.total, view.pacing.iloc[0]
    reach = total["reach_low_count"], total["reach_high_count"]
    comparable = _measure_leak(view)
    say = words.say
    return [
        Card(
            say("delivery.spent"),
            words.price(total["delivered_usd"]),
            say("delivery.spent_note", planned=words.price(total["planned_usd"])),
        ),
        Card(
            say("delivery.pace"),
            words.share(pace["pace"], 0),
            say("delivery.pace_note", date=words.date(view.through))
            if pd.notna(pace["pace"])
            else say("delivery.pace_none"),
            has_figure=pd.notna(pace["pace"]),
        ),
        Card(
            say("delivery.shown"),
            words.count(total["delivered_impressions_count"]),
            say(
                "delivery.shown_note",
                planned=words.count(total["planned_impressions_count"]),
                due=words.count(total["due_impressions_count"]),
            ),
        ),
        Card(
            say("delivery.clicks"),
            words.count(total["clicks_count"]),
            say("delivery.clicks_note"),
        ),
        Card(
            say("delivery.reach"),
            say("delivery.reach_range", low=words.count(reach[0]), high=words.count(reach[1]))
            if pd.notna(reach[0])
            else say("unit.unknown"),
            say("delivery.reach_note", planned=words.count(total["planned_reach_count"]))
            if pd.notna(reach[0])
            else say("delivery.reach_none"),
            has_figure=pd.notna(reach[0]),
        ),
        Card(
            say("delivery.leak"),
            words.part(comparable),
            say("delivery.leak_note" if pd.notna(comparable) else "delivery.leak_none"),
            has_figure=pd.notna(comparable),
        ),
    ]


def _measure_leak(view: DeliveryView) -> float:
    """Return the share of the comparable impressions outside of what was bought."""
    units = view.lines[view.lines["dimension"] == "unit"].set_index("key")
    shown = units["delivered_impressions_count"]
    told = float(shown.drop([Ground.COARSE, Ground.UNKNOWN], errors="ignore").sum())
    return float(view.leaks["impressions_count"].sum()) / told if told else float("nan")


def _make_table(view: DeliveryView, part: str, words: Words) -> PartTable:
    """Return the table of one dimension."""
    lines = view.lines[view.lines["dimension"] == part]
    heads: tuple[str, ...] = ("part", "planned", "due", "delivered", "difference", "ads_planned")
    heads = (*heads, "ads", *(("people", "often") if _has_reach(view) else ()))
    return PartTable(
        title=words.say(f"delivery.by_{part}"),
        heads=tuple(words.say(f"delivery.{head}") for head in heads),
        rows=tuple(_write_line(line, part, view, words) for _, line in lines.iterrows()),
    )


def _has_reach(view: DeliveryView) -> bool:
    """Whether the reports say how many people were reached, in any part."""
    return bool(view.lines["reach_low_count"].notna().any())


def _write_line(
    line: "pd.Series[Any]", part: str, view: DeliveryView, words: Words
) -> tuple[str, ...]:
    """Return the cells of a line."""
    difference = line["delivered_usd"] - line["due_usd"]
    sign = "+" if round(difference, 2) > 0 else "\N{MINUS SIGN}" if round(difference, 2) < 0 else ""
    reach, often = "", ""
    if pd.notna(line["reach_low_count"]):
        reach = words.say(
            "delivery.reach_range",
            low=words.count(line["reach_low_count"]),
            high=words.count(line["reach_high_count"]),
        )
        often = words.say(
            "delivery.reach_range",
            low=words.decimal(line["frequency_low"]),
            high=words.decimal(line["frequency_high"]),
        )
    return (
        _name_key(str(line["key"]), part, view, words),
        words.price(line["planned_usd"]),
        words.price(line["due_usd"]),
        words.price(line["delivered_usd"]),
        f"{sign}{words.price(abs(difference))}",
        words.count(line["planned_impressions_count"]),
        words.count(line["delivered_impressions_count"]),
        *((reach, often) if _has_reach(view) else ()),
    )


def _name_key(key: str, part: str, view: DeliveryView, words: Words) -> str:
    """Return what people call a part of the flight."""
    if key in _GROUNDS and part in {"arm", "unit"}:
        return words.say(_GROUNDS[key])
    if not key:
        return words.say("delivery.all_channels" if part == "channel" else "delivery.untold")
    if part == "arm":
        return words.say("delivery.arm_treat")
    if part == "week":
        return words.say("delivery.week_of", date=words.date(pd.Timestamp(key).date(), "MMM d"))
    if part == "language":
        names = [
            str(words.locale.languages.get(code.split("-")[0], code)) for code in key.split("+")
        ]
        return words.join(names)
    return words.channel(key) if part == "channel" else view.labels.get(key, key)


def _list_leaks(view: DeliveryView, words: Words) -> PartTable:
    """Return the places that were served and not bought."""
    heads = ("where", "what", "first_seen", "ads", "delivered")
    rows = tuple(
        (
            name_place(str(leak["place"]), str(leak["unit_id"]), view),
            words.say(_GROUNDS[leak["ground"]]),
            words.date(leak["first_day"].date()),
            words.count(leak["impressions_count"]),
            words.price(leak["spend_usd"]),
        )
        for leak in view.leaks.to_dict("records")
    )
    return PartTable(
        words.say("delivery.leaks"), tuple(words.say(f"delivery.{head}") for head in heads), rows
    )


def _list_unserved(view: DeliveryView, words: Words) -> PartTable:
    """Return the places that were bought and not served."""
    rows = tuple(
        (str(unit["label"]), words.price(unit["planned_usd"]))
        for unit in view.unserved.to_dict("records")
    )
    heads = (words.say("delivery.where"), words.say("delivery.planned"))
    return PartTable(words.say("delivery.unserved"), heads, rows)


def _list_groups(view: DeliveryView, words: Words) -> PartTable | None:
    """Return who lives where ads were shown; ``None`` where no report names places."""
    if view.groups is None:
        return None
    margins = ("group_covered", "group_margin", "group_everyone")
    heads = ("group", "group_members", *margins, "group_verdict")
    rows = tuple(
        (
            _name_group(str(group["group"]), words),
            # Nobody is counted where no source has the group by tract.
            words.count(group["members_count"] or math.nan),
            words.share(group["covered_share"]),
            words.share(group["covered_margin_share"]),
            words.share(group["everyone_covered_share"]),
            words.say(_VERDICTS.get(str(group["verdict"]), "delivery.groups_unknown")),
        )
        for group in view.groups.to_dict("records")
    )
    return PartTable(
        words.say("delivery.groups"), tuple(words.say(f"delivery.{head}") for head in heads), rows
    )


def _note_race(view: DeliveryView, words: Words) -> str:
    """Say where race and origin are from, or that the list has no figures of them."""
    has_race = view.groups is not None and (view.groups["dimension"] == "race and origin").any()
    return words.say("delivery.groups_race" if has_race else "delivery.groups_no_race")


def _name_group(name: str, words: Words) -> str:
    """Return the name of a group of the equity sheet in the page's language, if it has one."""
    key = "delivery_group." + make_slug(name).replace("-", "_")
    return words.say(key) if key in words.texts else name


def _describe_method(view: DeliveryView, words: Words) -> list[str]:
    """Say how the figures were computed."""
    return [
        words.say(
            "delivery.method_money", first=words.date(view.first), last=words.date(view.last)
        ),
        words.say("delivery.method_join"),
        words.say("delivery.method_end"),
        words.say("delivery.method_reach"),
        words.say("delivery.method_imports", count=view.imports_count),
    ]
