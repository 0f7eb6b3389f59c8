"""What a tract's popup says: its figures in order, and in words what to do next."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maps.layer import Unit
from outreach.units import Arm, TractStatus

#: Fewer households with internet than this, and ads alone will not do.
LOW_INTERNET_SHARE = 0.65

#: From this share of limited-English households on, English ads alone will not do.
MANY_LANGUAGES_SHARE = 0.15


#: So many of the tracts most like one are named.
ALIKE = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the popup: a column, its words and its unit; left out where the tract has no figure."""

    column: str
    label: str
    unit: Unit | None


#: The lines of the popup. Rate, forecast, rank, reasons and the next step are laid out by
#: ``assets/popup.js`` around them.
FACTS = (
    Fact("missing_households_count", "Households missing", Unit.COUNT),
    Fact("households_count", "Households", Unit.COUNT),
    Fact("internet_share", "Answered online", Unit.SHARE),
    Fact("change_7_points", "Change over 7 days", Unit.POINTS),
    Fact("final_2010_share", "Final rate in 2010", Unit.SHARE),
    Fact("digital_reach_score", "Can be reached online", Unit.SHARE),
    Fact("languages", "Little English", None),
    Fact("budget_usd", "Budget", Unit.USD),
    Fact("impressions_count", "Ads to show", Unit.COUNT),
)


def choose_next_step(rows: pd.DataFrame, goal_share: float) -> "pd.Series[str]":
    """Say for each tract what to do next.

    Parameters
    ----------
    rows
        From :func:`maps.run.columns.gather_columns`.
    goal_share
        The planner's goal, 0-1.

    Returns
    -------
    pandas.Series
        A sentence for each row. The first rule that fits wins: no homes, no rate, an arm of the
        campaign, goal reached, few homes online, many languages, otherwise waiting for budget.
    """
    arm = rows["arm"]
    blank = pd.Series(np.nan, index=rows.index)
    rules = {
        "No homes here: nothing to do.": rows["status"] == TractStatus.WATER,
        "No rate is published here: ask the Bureau's local office before you spend.": rows["status"]
        == TractStatus.RATELESS,
        "Run the ads planned here, then look at the change over 7 days.": arm == Arm.TREAT,
        "Show no ads here: this tract is in the comparison group.": arm == Arm.HOLDOUT,
        "Show no ads here: this tract keeps the comparison group apart.": arm == Arm.BUFFER,
        "The goal is reached: no money needed.": rows["cumulative_share"] >= goal_share,
        "Not in the budget. Few homes are online: plan visits, phone calls and mail rather than ads.": rows.get(
            "digital_reach_score", blank
        )
        < LOW_INTERNET_SHARE,
        "Not in the budget. Many homes speak little English: ask partners who speak their language.": rows.get(
            "limited_english_share", blank
        )
        >= MANY_LANGUAGES_SHARE,
    }
    chosen = np.select(
        list(rules.values()),
        list(rules),
        default="Not in the budget: next in line when there is more.",
    )
    return pd.Series(chosen, index=rows.index)


def encode_alike(comparable: pd.DataFrame, geoids: pd.Index) -> list[int | None]:
    """Encode the tracts most like each as places in ``geoids``, :data:`ALIKE` for each in order of likeness; missing is ``None``.

    Parameters
    ----------
    comparable
        As :attr:`maps.run.inputs.MapView.comparable`; tracts that are not on the map are left out.
    geoids
        The tracts of the map.
    """
    places = np.full((len(geoids), ALIKE), -1)
    near = comparable[comparable["order"] <= ALIKE]
    own, other = geoids.get_indexer(near.index), geoids.get_indexer(pd.Index(near["comparable"]))
    shown = (own >= 0) & (other >= 0)
    places[own[shown], near["order"].to_numpy()[shown] - 1] = other[shown]
    return [int(place) if place >= 0 else None for place in places.ravel()]
