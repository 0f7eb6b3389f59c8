"""List what partners did by district, for the public index."""

from dataclasses import dataclass

import pandas as pd

from outreach.catalog import Words
from outreach.reports.data.activity import LEAST_PUBLIC, sum_activity
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.units import ActivityKind


@dataclass(frozen=True, slots=True)
class ActivityTable:
    """What partners did in each district: heads, rows with link and name first, and a note."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]
    note: str


def list_activity(
    figures: Figures, view: ReportView, words: Words, files: dict[str, str]
) -> ActivityTable | None:
    """Return contacts by kind and the weeks that have any, by district in order of names.

    ``None`` for pages of the team, which have them on the pages of districts and in the gaps, and
    where nothing of partners is published.

    Parameters
    ----------
    figures, view, words, files
        As in :func:`outreach.reports.pages.index.write_index`.
    """
    if not view.is_public or view.activity is None or view.activity.empty:
        return None
    kinds = [kind for kind in ActivityKind if (view.activity["kind"] == kind).any()]
    rows = []
    for district, row in figures.table.sort_values("name", key=_order_names).iterrows():
        done = sum_activity(view, str(district))
        sums = {} if done is None else done.weeks.sum().to_dict()
        cells = [words.count(sums[kind]) if kind in sums else "\N{EN DASH}" for kind in kinds]
        weeks = words.count(0 if done is None else len(done.weeks))
        rows.append((files[str(district)], str(row["name"]), (*cells, weeks)))
    return ActivityTable(
        (*(words.say(f"activity.{kind}") for kind in kinds), words.say("activity.weeks")),
        tuple(rows),
        words.say("activity.table_note", date=words.date(view.data_date), least=LEAST_PUBLIC),
    )


def _order_names(names: "pd.Series[str]") -> "pd.Series[str]":
    """Return names as they sort for people: Ward 2 before Ward 10."""
    return names.str.replace(r"\d+", lambda digits: digits[0].zfill(9), regex=True)
