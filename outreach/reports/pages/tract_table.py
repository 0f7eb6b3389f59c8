"""List the tracts of a district as rows of text for its page."""

from typing import Any

import pandas as pd

from outreach.catalog import Words
from outreach.reports.data.metrics import Figures
from outreach.reports.text.advice import name_tract
from outreach.tables import DataFrame, TractParts

#: Smaller parts of a tract are written as less than this.
_SMALLEST_PART = 0.01


def list_tracts(
    parts: DataFrame[TractParts], figures: Figures, words: Words, past: str = ""
) -> list[dict[str, str]]:
    """Return the rows of the tract table, the most missing households first.

    Parameters
    ----------
    parts
        The district's rows of ``figures.parts``.
    figures, words
        All districts, and the language of the page.
    past
        For a plan: the column of the last census's final rate, which stands where a season has the
        change of 7 days.
    """
    # A tract without households has nobody to ask, and one whose count is hidden is in no list.
    # Where no source counts households, every tract is listed.
    if figures.has_households:
        parts = parts[(parts["households_count"] > 0) | parts["cumulative_share"].isna()]
    parts = parts[parts["weight"] >= _SMALLEST_PART]
    missing = (parts["households_count"] * (1 - parts["cumulative_share"])).to_numpy(dtype=float)
    change = figures.tract_changes.reindex(parts["geoid"]).to_numpy(dtype=float)
    ordered = parts.assign(missing=missing, change=change).sort_values(
        ["missing", "geoid"], ascending=[False, True], na_position="last"
    )
    rows: list[dict[str, Any]] = ordered.to_dict("records")  # type: ignore[assignment]
    return [_write_tract(row, words, past) for row in rows]


def _write_tract(row: dict[str, Any], words: Words, past: str) -> dict[str, str]:
    """Return one row of the tract table as text; ``bar`` is the rate as a number."""
    rate = row["cumulative_share"]

    def write(count: float) -> str:
        return "" if pd.isna(count) else words.count(count)

    return {
        "name": name_tract(str(row["name"]), words),
        "part": _write_part(row["weight"], words),
        "households": write(row["households_count"]),
        "rate": words.say("tracts.none") if pd.isna(rate) else words.share(rate),
        "bar": f"{0 if pd.isna(rate) else rate:.4f}",
        "change": words.share(row[past]) if past else write_change(row["change"], words),
        "missing": write(row["missing"]),
        "rank": "" if pd.isna(row["rank"]) else words.count(row["rank"]),
    }


def write_change(points: float, words: Words) -> str:
    """Write a change of 7 days; empty where there is none."""
    return "" if pd.isna(points) else words.bare_points(points)


def _write_part(weight: float, words: Words) -> str:
    """Write how much of a tract lies in a district; a sliver that lies elsewhere is no part."""
    if weight > 1 - _SMALLEST_PART:
        return words.say("tracts.whole")
    return words.share(weight, 0)
