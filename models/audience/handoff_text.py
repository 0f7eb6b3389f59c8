"""Say in sentences what is handed off, why, and by which channel."""

from typing import Any

import pandas as pd

from models.audience.languages import LEAST_HOUSEHOLDS
from models.audience.tract_shares import NO_ADS
from outreach.phrasing import write_count
from outreach.tables import DataFrame, Targets
from outreach.units import Arm

#: What reaches households that online ads do not.
CHANNELS = PHONE, DOOR, PAPER = "phone", "door-to-door", "paper"


def explain_rows(rows: pd.DataFrame, creative_languages: tuple[str, ...]) -> list[str]:
    """Say for each row why it is handed off, and why by its channel.

    Parameters
    ----------
    rows
        As :func:`models.audience.handoff.list_handoff` returns them, with ``geoid`` and
        ``tract_households_count``.
    creative_languages
        ISO 639-1 codes of the languages that there are ads in.
    """
    records = [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
    return [_explain_row(row, "/".join(creative_languages)) for row in records]


def describe_handoff(handoff: pd.DataFrame, targets: DataFrame[Targets]) -> str:
    """Say what is handed off, with counts that add up to the target list.

    Parameters
    ----------
    handoff
        From :func:`models.audience.handoff.list_handoff`.
    targets
        The target list.

    Returns
    -------
    str
        Empty without targets: nothing is handed off then.
    """
    if targets.empty:
        return ""
    inside = handoff[handoff["arm"] != NO_ADS]
    missing, reachable, off = (
        inside[f"{part}households_count"].sum() for part in ("missing_", "reachable_", "handoff_")
    )
    first = (
        f"Of {missing:,.0f} missing households in {write_count(len(targets), 'target')}, online ads"
        f" can reach {reachable:,.0f}; handoff.csv lists the other {off:,.0f}"
        f" ({_write_spread(inside, off)}) by tract, for phone, paper and door-to-door work."
    )
    sentences = [first]

    # Reachable, but in an arm without ads.
    held = inside.loc[inside["arm"] != Arm.TREAT, "reachable_households_count"].sum()
    if held >= LEAST_HOUSEHOLDS:
        sentences.append(
            f"{held:,.0f} of the reachable households are in held-out or buffer units, where no ads"
            " are shown."
        )
    unbought = handoff.loc[handoff["arm"] == NO_ADS, "handoff_households_count"].sum()
    if unbought >= LEAST_HOUSEHOLDS:
        sentences.append(f"{unbought:,.0f} more are in chosen tracts where no place was bought.")
    return " ".join(sentences)


def _write_spread(rows: pd.DataFrame, total: float) -> str:
    """Write the range of the households handed off; errors of tracts add up in quadrature."""
    below, above = (
        rows[f"handoff_households_count{end}"] - rows["handoff_households_count"]
        for end in ("_low", "_high")
    )
    if below.isna().any():
        return "no range, because the ACS gave no margins"
    low, high = total - (below**2).sum() ** 0.5, total + (above**2).sum() ** 0.5
    return f"{low:,.0f} to {high:,.0f}"


def _explain_row(row: dict[str, Any], creative: str) -> str:
    """Say why a tract is handed off, and why by this channel."""
    if not row["geoid"]:
        return "No tract with missing households is behind these places; nothing is known of them."
    clauses = [*_list_causes(row, creative), _explain_channel(row)]
    text = "; ".join(clauses) + "."
    if row["arm"] not in (Arm.TREAT, NO_ADS):
        text += (
            " There are no ads here because of the test: do exactly as much as in tracts with ads."
        )
    return text[:1].upper() + text[1:]


def _list_causes(row: dict[str, Any], creative: str) -> list[str]:
    """List what keeps the households of a tract from the ads."""
    causes = []
    if row["arm"] == NO_ADS:
        causes.append(
            f"no place that was bought holds these {row['missing_households_count']:,.0f} missing"
            " households"
        )
    if row["unknown_households_count"] >= LEAST_HOUSEHOLDS:
        causes.append("nothing is known of the internet here")
    if row["offline_missing_count"] >= LEAST_HOUSEHOLDS:
        causes.append(f"{_write_range(row, 'offline_missing')} are not online")
    if row["without_creative_missing_count"] >= LEAST_HOUSEHOLDS:
        main = f", mainly {row['language']}" if row["language"] else ""
        causes.append(
            f"{_write_range(row, 'without_creative_missing')} are online but do not read ads in"
            f" {creative}{main}"
        )
    return causes


def _explain_channel(row: dict[str, Any]) -> str:
    """Say why a channel fits."""
    doors = row["tract_households_count"] / max(row["handoff_households_count"], LEAST_HOUSEHOLDS)
    if row["channel"] == PHONE:
        return f"the census took calls in {row['language']}"
    if row["channel"] == PAPER:
        return f"only one door in {max(doors, 1):,.0f} is one of them"
    return (
        f"one door in {doors:,.0f} is one of them"
        if round(doors) > 1
        else "most doors are one of them"
    )


def _write_range(row: dict[str, Any], part: str) -> str:
    """Write a count with its range."""
    middle, low, high = (row[f"{part}_count{end}"] for end in ("", "_low", "_high"))
    return f"{middle:,.0f} ({low:,.0f} to {high:,.0f})" if high > low else f"{middle:,.0f}"
