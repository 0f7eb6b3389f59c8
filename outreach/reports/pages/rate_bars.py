"""List the rate, forecast, goal and past rate of a page as separate bars."""

from dataclasses import dataclass

import pandas as pd

from outreach.catalog import Words
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures


@dataclass(frozen=True, slots=True)
class RateBar:
    """One line of the comparison of rates.

    Parameters
    ----------
    kind
        ``now``, ``forecast``, ``goal``, ``past``, ``all`` or ``campaign``.
    title, figure, note
        Its name, the rate in words, and a note.
    share
        The rate, 0-1; ``None`` where it is unknown.
    low, high
        Ends of the forecast's 80% range.
    """

    kind: str
    title: str
    figure: str
    note: str
    share: float | None
    low: float = 0.0
    high: float = 0.0


def describe_place(figures: Figures, view: ReportView, words: Words, district: str | None) -> str:
    """Say what the rate on top of a page is the rate of.

    Parameters
    ----------
    figures, view, words
        All districts, what the page shows, and its language.
    district
        The district, or ``None`` for all together.
    """
    if district is not None:
        return words.say("rate.answered", name=words.name(str(figures.row(district)["name"])))
    count = len(figures.table)
    return words.say("rate.answered_all", kind=words.name(words.kind(view.kind)), count=count)


def compare_rates(
    figures: Figures, view: ReportView, words: Words, district: str | None
) -> list[RateBar]:
    """Return the rate now, the forecast, the goal and 2010, each as a bar of its own.

    Parameters
    ----------
    figures, view, words
        All districts, what the page shows, and its language.
    district
        The district, or ``None`` for all together.
    """
    row = figures.row(district)
    final, past = row["final_share"], row[f"final_{view.past_census}_share"]
    today, deadline = words.date(view.data_date), words.date(view.deadline)
    notes = {
        "now": words.say("rate.now_note", date=today),
        "forecast": _describe_forecast(row, words, deadline),
        "goal": words.say("rate.goal_note", date=deadline),
        "past": words.say("rate.past_note" if pd.notna(past) else "rate.past_none"),
        "all": words.say("rate.all_note", date=today),
        "campaign": words.say(
            "rate.campaign_note",
            campaign=words.name(view.title),
            count=int(view.tracts["cumulative_share"].notna().sum()),
            date=today,
        ),
    }
    shares = {
        "now": row["cumulative_share"],
        "forecast": final,
        "goal": view.goal_share,
        "past": past,
    }
    # Beside a district stand all of them, beside all of them the whole campaign.
    if district is None:
        shares["campaign"] = figures.campaign_share
    else:
        shares["all"] = figures.whole["cumulative_share"]

    # A plan has no rate of today: what is expected is shown with its range.
    if view.coming_census is not None:
        del shares["now"]

    # After the deadline nothing is left to forecast, and nothing empty is shown.
    if not view.days_left:
        shares = {kind: share for kind, share in shares.items() if pd.notna(share)}

    ends = (row["final_low80_share"], row["final_high80_share"])
    return [
        RateBar(
            kind,
            words.say(f"rate.{kind}", year=str(view.past_census)),
            words.share(share),
            notes[kind],
            float(share) if pd.notna(share) else None,
            *(ends if kind == "forecast" and pd.notna(share) else ()),
        )
        for kind, share in shares.items()
    ]


def _describe_forecast(row: "pd.Series[float]", words: Words, deadline: str) -> str:
    """Return the note of the forecast: its date and range, or that there is none."""
    if pd.isna(row["final_share"]):
        return words.say("rate.forecast_none")
    low, high = words.share(row["final_low80_share"]), words.share(row["final_high80_share"])
    return words.say("rate.forecast_note", date=deadline, low=low, high=high)
