"""Write the figures and notes of an atlas page."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from maps.atlas.insets import Inset
from maps.atlas.subject import Figure, Subject
from outreach.catalog import Words

#: This many names are spelled out in a sentence; the rest are counted.
_NAMED = 8
_DASH = "\N{EN DASH}"


def list_rows(table: pd.DataFrame, columns: Sequence[Figure], words: Words) -> list[dict[str, Any]]:
    """Write the figures of a table as its page shows them, one dictionary per row.

    Parameters
    ----------
    table
        Counties or tracts by code, with ``columns`` and ``rank``.
    columns
        The figures; a missing one is a dash.
    words
        The language.
    """
    figures = {
        one.column: [write_figure(one.column, value, words) for value in table[one.column].tolist()]
        for one in columns
    }
    ranks = ["" if np.isnan(rank) else words.count(rank) for rank in table["rank"].tolist()]
    rows = table.assign(**figures, rank=ranks)
    return [
        dict(zip(("code", *rows.columns), row, strict=True)) for row in rows.itertuples(name=None)
    ]


def list_facts(row: Any, subject: Subject, words: Words) -> list[tuple[str, str]]:
    """Write the figures of a county beside its rate: what each is, and how much.

    Parameters
    ----------
    row
        A row of the counties of an atlas.
    subject
        What the atlas shows.
    words
        The language.
    """
    if not subject.coming:
        changes = {"change_7": row["change_7_points"], "change_28": row["change_28_points"]}
        none = words.say("atlas.change_none")
        return [
            (
                words.say(f"atlas.{key}"),
                none
                if np.isnan(value)
                else words.say(
                    "atlas.change_points", figure=write_points(value, words, signed=True)
                ),
            )
            for key, value in changes.items()
        ]

    low, high = (row[f"final_{side}80_share"] for side in ("low", "high"))
    last, missing = row[f"final_{subject.coming - 10}_share"], row["missing_households_count"]
    hard = words.count(int(row["hard_tracts_count"]))
    facts = {
        "range": words.say("atlas.range_to", low=words.share(low), high=words.share(high)),
        "last": _DASH if np.isnan(last) else words.share(last),
        "missing": _DASH if np.isnan(missing) else words.count(missing),
        "hard": words.say("atlas.hard_of", count=hard, all=words.count(row["tracts_count"])),
    }
    return [(words.say(f"atlas.fact_{key}"), value) for key, value in facts.items()]


def write_figure(column: str, value: float, words: Words) -> str:
    """Write a figure as a table has it; the ending of its column is the unit."""
    if column.endswith(("_count", "_class")):
        return _DASH if np.isnan(value) else words.count(value)
    return write_points(value, words, signed=column.endswith("_points"))


def write_points(share: float, words: Words, *, signed: bool = False) -> str:
    """Write a share in percent with one decimal and no percent sign; a dash if it is missing.

    Parameters
    ----------
    share
        0-1, or a difference of shares.
    words
        The language.
    signed
        Whether an increase gets a plus sign.
    """
    if np.isnan(share):
        return _DASH
    text = words.number(abs(share) * 100, 1)
    if text == words.number(0, 1):
        return text
    sign = "\N{MINUS SIGN}" if share < 0 else "+" if signed else ""
    return sign + text


def count_names(names: Sequence[str], noun: str, words: Words) -> str:
    """Count names and list the first few: ``2 counties (Cook, Lake)``.

    Parameters
    ----------
    names
        All names.
    noun
        ``counties``, ``tracts``, or ``states``.
    words
        The language.
    """
    listed = ", ".join(names[:_NAMED])
    if more := len(names) - _NAMED if len(names) > _NAMED else 0:
        listed = words.say("atlas.named_more", names=listed, count=more)
    return words.say(f"atlas.named_{noun}", count=len(names), names=listed)


def say_unmapped(names: Sequence[str], words: Words) -> str:
    """Say which states have no tract maps; empty for none."""
    return words.say("atlas.no_maps", states=count_names(names, "states", words)) if names else ""


def say_undrawn(names: Sequence[str], words: Words) -> list[str]:
    """Say which tracts are not on the map for lack of a boundary; empty for none."""
    if not names:
        return []
    return [words.say("atlas.undrawn_tracts", tracts=count_names(names, "tracts", words))]


def say_apart(insets: Sequence[Inset], words: Words) -> str:
    """Say what is drawn separately, and at which scale; empty for nothing."""
    names = [
        words.say("atlas.apart_scale", name=inset.name, share=words.share(inset.scale, 0))
        if inset.scale != 1
        else inset.name
        for inset in insets
    ]
    return words.say("atlas.apart", names=", ".join(names)) if names else ""


def say_weighting(weights: "pd.Series[str]", words: Words) -> list[str]:
    """Say what the rates of counties are weighted by: one sentence, or one for each kind."""
    kinds = weights.value_counts()
    if len(kinds) == 1:
        return [words.say(f"atlas.how_average.{kinds.index[0]}")]
    parts = [words.say(f"atlas.how_part.{kind}", count=int(kinds[kind])) for kind in kinds.index]
    return [*parts, words.say("atlas.how_mixed")]


def list_missing(tracts: pd.DataFrame, words: Words) -> list[str]:
    """List the tracts without a rate on the data date by reason, one sentence each."""
    sentences = []
    for status in ("rateless", "water", "lapsed"):
        group = tracts[tracts["status"] == status]
        names = group["name"].astype(str).tolist()
        if status == "lapsed":
            names = [
                words.say("atlas.lapsed_on", name=name, date=words.date(day.date()))
                for name, day in zip(names, group["last_date"], strict=True)
            ]
        if names:
            listed = ", ".join(names)
            sentences.append(words.say(f"atlas.{status}", count=len(names), names=listed))
    return sentences
