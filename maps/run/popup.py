"""Write the popup of a tract: its figures and what to do next."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maps.layer import FigureUnit
from outreach.units import Arm, TractStatus

#: Below this share of households online, ads alone are not enough.
LOW_INTERNET_SHARE = 0.65

#: From this share of limited-English households on, English ads alone are not enough.
MANY_LANGUAGES_SHARE = 0.15


#: This many of the most similar tracts are listed.
ALIKE = 3


@dataclass(frozen=True, slots=True)
class PopupLine:
    """One line of the popup: a column, its words, and its unit.

    A tract without the figure lacks the line.
    """

    column: str
    label: str
    unit: FigureUnit | None


#: The lines of the popup. ``assets/popup.js`` adds rate, forecast, rank, reasons, and next step.
LINES = (
    PopupLine("missing_households_count", "Households missing", FigureUnit.COUNT),
    PopupLine("households_count", "Households", FigureUnit.COUNT),
    PopupLine("internet_share", "Answered online", FigureUnit.SHARE),
    PopupLine("change_7_points", "Change over 7 days", FigureUnit.POINTS),
    PopupLine("final_2010_share", "Final rate in 2010", FigureUnit.SHARE),
    PopupLine("digital_reach_score", "Can be reached online", FigureUnit.SHARE),
    PopupLine("languages", "Little English", None),
    PopupLine("budget_usd", "Budget", FigureUnit.USD),
    PopupLine("impressions_count", "Ads to show", FigureUnit.COUNT),
)


def choose_next_step(rows: pd.DataFrame, goal_share: float) -> "pd.Series[str]":
    """Choose the next step for each tract.

    Parameters
    ----------
    rows
        From :func:`maps.run.columns.gather_columns`.
    goal_share
        The planner's goal, 0-1.

    Returns
    -------
    pandas.Series
        A sentence for each row. The first matching rule wins: no homes, no rate, an arm of the
        test, goal reached, few homes online, many languages, else waiting for budget.
    """
    blank = pd.Series(np.nan, index=rows.index)
    online, languages = (
        rows.get(column, blank) for column in ("digital_reach_score", "limited_english_share")
    )
    rules = {
        "No homes here: nothing to do.": rows["status"] == TractStatus.WATER,
        "No rate is published here: ask the Bureau's local office before you spend.": (
            rows["status"] == TractStatus.RATELESS
        ),
        "Run the ads planned here, then check the change over 7 days.": rows["arm"] == Arm.TREAT,
        "Show no ads here: this tract is in the comparison group.": rows["arm"] == Arm.HOLDOUT,
        "Show no ads here: this tract separates the comparison group.": rows["arm"] == Arm.BUFFER,
        "The goal is reached: no money needed.": rows["cumulative_share"] >= goal_share,
        "Not in the budget. Few homes are online: plan visits, phone calls and mail, not ads.": (
            online < LOW_INTERNET_SHARE
        ),
        (
            "Not in the budget. Many homes speak little English: ask partners who speak their"
            " language."
        ): languages >= MANY_LANGUAGES_SHARE,
    }
    otherwise = "Not in the budget: next in line if there is more."
    chosen = np.select(list(rules.values()), list(rules), default=otherwise)
    return pd.Series(chosen, index=rows.index)


def encode_alike(comparable: pd.DataFrame, geoids: pd.Index) -> list[int | None]:
    """Encode the tracts most similar to each as positions in ``geoids``.

    Parameters
    ----------
    comparable
        As :attr:`maps.run.inputs.MapView.comparable`; tracts off the map are left out.
    geoids
        The tracts of the map.

    Returns
    -------
    list
        :data:`ALIKE` positions per tract, most similar first; ``None`` if missing.
    """
    places = np.full((len(geoids), ALIKE), -1)
    near = comparable[comparable["order"] <= ALIKE]
    own, other = geoids.get_indexer(near.index), geoids.get_indexer(pd.Index(near["comparable"]))
    shown = (own >= 0) & (other >= 0)
    places[own[shown], near["order"].to_numpy()[shown] - 1] = other[shown]
    return [int(place) if place >= 0 else None for place in places.ravel()]
