"""Write the figures and notes of an atlas page."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from maps.atlas.counties import FIGURES
from outreach.phrasing import list_names, write_count, write_date

#: This many names are spelled out in a sentence; the rest are counted.
_NAMED = 8
_DASH = "\N{EN DASH}"


def list_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Write the figures of a table as its page shows them, one dictionary per row.

    Parameters
    ----------
    table
        Counties or tracts by code, with :data:`maps.atlas.counties.FIGURES` and ``rank``.
    """
    figures = {
        name: [
            write_points(share, signed=name.endswith("_points")) for share in table[name].tolist()
        ]
        for name in FIGURES
    }
    ranks = ["" if np.isnan(rank) else f"{rank:,.0f}" for rank in table["rank"].tolist()]
    rows = table.assign(**figures, rank=ranks)
    return [
        dict(zip(("code", *rows.columns), row, strict=True)) for row in rows.itertuples(name=None)
    ]


def write_points(share: float, *, signed: bool = False) -> str:
    """Write a share in percent with one decimal and no percent sign; a dash if it is missing.

    Parameters
    ----------
    share
        0-1, or a difference of shares.
    signed
        Whether an increase gets a plus sign.
    """
    if np.isnan(share):
        return _DASH
    text = f"{abs(share) * 100:.1f}"
    if text == "0.0":
        return text
    sign = "\N{MINUS SIGN}" if share < 0 else "+" if signed else ""
    return sign + text


def count_names(names: Sequence[str], noun: str, plural: str) -> str:
    """Count names and list the first few: ``2 counties (Cook, Lake)``."""
    return f"{write_count(len(names), noun, plural)} ({list_names(names, _NAMED)})"


def list_missing(tracts: pd.DataFrame) -> list[str]:
    """List the tracts without a rate on the data date by reason, one sentence each."""
    reasons = {
        "rateless": "No rate is published for",
        "water": "Only water:",
        "lapsed": "A rate was published earlier, but not on the data date, for",
    }
    sentences = []
    for status, reason in reasons.items():
        group = tracts[tracts["status"] == status]
        names = group["name"].astype(str).tolist()
        if status == "lapsed":
            names = [
                f"{name} (last on {write_date(day)})"
                for name, day in zip(names, group["last_date"], strict=True)
            ]
        if names:
            sentences.append(f"{reason} {write_count(len(names), 'tract')}: {', '.join(names)}.")
    return sentences
