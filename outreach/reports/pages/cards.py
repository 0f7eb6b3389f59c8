"""List the figures of a district that its page shows in boxes."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from outreach.catalog import Words
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import THIN_DAYS, Figures


@dataclass(frozen=True, slots=True)
class Card:
    """One figure in a box.

    Parameters
    ----------
    title, figure, note
        Its heading, the figure, and a line below it.
    has_figure
        Whether there is a figure.
    """

    title: str
    figure: str
    note: str
    has_figure: bool = True


def list_cards(
    row: "pd.Series[Any]", figures: Figures, view: ReportView, words: Words
) -> list[Card]:
    """Return the cards of a district: missing, change, place, peers, and what is ahead.

    Before the deadline that is the pace and the chance; after it, how the district did against its
    expectation.

    Parameters
    ----------
    row
        The district's row of ``figures.table``.
    figures, view, words
        All districts, what the page shows, and its language.
    """
    count = len(figures.table)
    return [
        Card(
            words.say("card.missing"),
            words.count(row["missing_count"]),
            words.say("card.missing_note", place=words.count(row["rank_missing"]), count=count),
        ),
        *([] if view.coming_census is not None else [_describe_change(row, words)]),
        Card(
            words.say("card.place"),
            words.say("card.place_of", place=words.count(row["rank"]), count=count),
            words.say("card.place_note"),
        ),
        _rank_among_peers(row, figures, words),
        *_look_ahead(row, figures, view, words),
    ]


def _describe_change(row: "pd.Series[Any]", words: Words) -> Card:
    """Return the card with the change of the last days; a plan has none."""
    change = row["change_7_points"]
    return Card(
        words.say("card.change"),
        words.points(change),
        words.say("card.change_note", change=words.points(row["change_28_points"])),
        pd.notna(change),
    )


def _rank_among_peers(row: "pd.Series[Any]", figures: Figures, words: Words) -> Card:
    """Return the card with the place among similar districts."""
    title = words.say("card.peers")
    if pd.isna(row["peer_rank"]):
        return Card(
            title, words.say("unit.unknown"), words.say("card.peers_none"), has_figure=False
        )
    place = words.say("card.place_of", place=row["peer_rank"], count=row["peer_count"])
    return Card(title, place, words.say(f"card.peers_{figures.peer_basis}"))


def _look_ahead(
    row: "pd.Series[Any]", figures: Figures, view: ReportView, words: Words
) -> list[Card]:
    """Return pace and chance; after the deadline the distance to the goal and the expectation."""
    if view.days_left:
        return [_describe_pace(row, view, words), _describe_chance(row, figures, words)]
    goal = Card(
        words.say("card.goal"),
        words.points(-row["gap_points"]),
        words.say("card.goal_note", goal=words.share(view.goal_share)),
    )
    if pd.isna(row["peer_share"]):
        return [goal]
    expected = Card(
        words.say("card.expected"),
        words.points(row["cumulative_share"] - row["peer_share"]),
        words.say("card.expected_note", expected=words.share(row["peer_share"])),
    )
    return [goal, expected]


def _describe_pace(row: "pd.Series[Any]", view: ReportView, words: Words) -> Card:
    """Return the card with the households a day that the goal needs."""
    title = words.say("card.needed")
    if row["gap_points"] <= 0:
        return Card(title, words.count(0), words.say("card.needed_done"))
    current = words.count(row["current_daily_count"])
    note = words.say("card.needed_note", days=view.days_left, current=current)
    return Card(title, words.count(row["needed_daily_count"]), note)


def _describe_chance(row: "pd.Series[Any]", figures: Figures, words: Words) -> Card:
    """Return the card with the chance of the goal."""
    title, chance = words.say("card.chance"), row["chance_share"]
    if pd.isna(chance):
        note = words.say("card.chance_none")
        return Card(title, words.say("unit.unknown"), note, has_figure=False)
    return Card(title, words.chance(chance), _describe_history(figures, words))


def _describe_history(figures: Figures, words: Words) -> str:
    """Say how good the chance of the goal is as an estimate."""
    days = figures.history_days
    if not days:
        return words.say("card.chance_alone")
    return words.say("card.chance_thin" if days < THIN_DAYS else "card.chance_note", days=days)
