"""Write the page that lists every registered test and its result."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from outreach.catalog import Words
from outreach.catalog.retell import tell_plainly
from outreach.reports.pages.frame import Frame, Origin, localize_name, make_frame
from outreach.reports.pages.render import render_page

_NAME = "tests.html"
_DECIMALS = 2


def write_registered_pages(
    table: pd.DataFrame, last_sha256: str, made: dt.date, catalogs: Sequence[Words]
) -> Mapping[str, str]:
    """Return the page in every language, by file name; each needs no other file.

    Parameters
    ----------
    table
        One row per test, as :func:`flows.steps.measuring.registered.tabulate_registered` makes it.
    last_sha256
        Hash of the newest entry of the register.
    made
        The day of the page.
    catalogs
        The languages.
    """
    return {
        localize_name(_NAME, words, catalogs): write_registered_page(
            table, last_sha256, made, words, make_frame(_NAME, words, catalogs, Origin(), index="")
        )
        for words in catalogs
    }


def write_registered_page(
    table: pd.DataFrame, last_sha256: str, made: dt.date, words: Words, frame: Frame
) -> str:
    """Return the page in one language, with the links that its reader needs around it."""
    return render_page(
        "registered",
        words,
        title=words.say("registered.title"),
        frame=frame,
        made=words.say("registered.made", date=words.date(made)),
        counts=describe_tests(table, words),
        rows=[_write_row(row, words) for _, row in table.iterrows()],
        method=tell_plainly(
            words.say("registered.method_when"),
            words.say("registered.method_null"),
            words.say("registered.method_looks"),
            words.say("registered.method_chain", sha256=last_sha256),
        ),
    )


def describe_tests(table: pd.DataFrame, words: Words) -> list[str]:
    """Say in a sentence each how many tests there are, and what came of them."""
    counts = table["state"].value_counts()
    return [
        words.say(f"registered.count_{state}", count=int(counts[state]))
        for state in (
            "raised",
            "zero",
            "lowered",
            "due",
            "running",
            "planned",
            "withdrawn",
            "unregistered",
        )
        if state in counts
    ]


def describe_state(row: "pd.Series[Any]", words: Words) -> str:
    """Say where a test stands, or what it found."""
    low, middle, high = (
        words.unknown(row[f"{name}_points"]) or words.points(row[f"{name}_points"] / 100, _DECIMALS)
        for name in ("low", "effect", "high")
    )
    text = words.say(f"registered.state_{row['state']}")
    if pd.isna(row["effect_points"]):
        return text
    return words.say("registered.found", state=text, effect=middle, low=low, high=high)


def _write_row(row: "pd.Series[Any]", words: Words) -> dict[str, str]:
    """Return a test's row as text."""
    start, end = (words.date(row[name], "medium") for name in ("flight_start", "flight_end"))
    mde = row["mde_points"]
    return {
        "campaign": row["campaign"],
        "flight": words.say("pooled.days", start=start, end=end),
        "state": describe_state(row, words),
        "looks": _write_looks(row["looks"], words),
        "mde": words.unknown(mde) or words.points(mde / 100, _DECIMALS).lstrip("+"),
        "registered": words.date(row["registered_at"].date(), "medium"),
        "by": row["by"],
        "plan": str(row.name)[:16],
    }


def _write_looks(looks: str, words: Words) -> str:
    """Return the days on which a test may be looked at before its end."""
    days = [words.date(dt.date.fromisoformat(look), "medium") for look in looks.split()]
    return words.join(days) if days else words.say("registered.no_looks")
