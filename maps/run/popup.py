"""Choose what the popup of a tract shows: its figures and what to do next."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from maps.layer import FigureUnit
from outreach.units import ActivityKind, Arm, TractStatus

#: Below this share of households online, ads alone are not enough.
LOW_INTERNET_SHARE = 0.65

#: From this share of limited-English households on, English ads alone are not enough.
MANY_LANGUAGES_SHARE = 0.15

#: This many of the most similar tracts are listed.
ALIKE = 3


@dataclass(frozen=True, slots=True)
class PopupLine:
    """One line of the popup or of the filters: a column and its unit.

    The catalogs name it (``map.fact``, ``map.filter.by``). A tract without the figure lacks the
    line.
    """

    column: str
    unit: FigureUnit | None


#: The lines of the popup. ``assets/popup.js`` adds rate, forecast, rank, reasons, and next step.
LINES = (
    PopupLine("missing_households_count", FigureUnit.COUNT),
    PopupLine("households_count", FigureUnit.COUNT),
    PopupLine("internet_share", FigureUnit.SHARE),
    PopupLine("change_7_points", FigureUnit.POINTS),
    PopupLine("final_2020_share", FigureUnit.SHARE),
    PopupLine("final_2010_share", FigureUnit.SHARE),
    PopupLine("digital_reach_score", FigureUnit.SHARE),
    PopupLine("languages", None),
    PopupLine("budget_usd", FigureUnit.USD),
    PopupLine("impressions_count", FigureUnit.COUNT),
    *(PopupLine(f"{kind}_count", FigureUnit.COUNT) for kind in ActivityKind),
)


class NextStep(StrEnum):
    """What to do next in a tract; the catalogs say it (``map.step``)."""

    WATER = "water"
    RATELESS = "rateless"
    TREAT = "treat"
    HOLDOUT = "holdout"
    BUFFER = "buffer"
    GOAL = "goal"
    OFFLINE = "offline"
    UNPRICED = "unpriced"
    LANGUAGE = "language"
    WAITING = "waiting"


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
        A :class:`NextStep` for each row. The first matching rule wins: no homes, no rate, an arm of
        the test, goal reached, few homes online, no priority because no source counts homes, many
        languages, else waiting for budget.
    """
    blank = pd.Series(np.nan, index=rows.index)
    online, languages = (
        rows.get(column, blank) for column in ("digital_reach_score", "limited_english_share")
    )
    rules = {
        NextStep.WATER: rows["status"] == TractStatus.WATER,
        NextStep.RATELESS: rows["status"] == TractStatus.RATELESS,
        NextStep.TREAT: rows["arm"] == Arm.TREAT,
        NextStep.HOLDOUT: rows["arm"] == Arm.HOLDOUT,
        NextStep.BUFFER: rows["arm"] == Arm.BUFFER,
        NextStep.GOAL: rows["cumulative_share"] >= goal_share,
        NextStep.OFFLINE: online < LOW_INTERNET_SHARE,
        NextStep.UNPRICED: rows["priority"].isna() if "priority" in rows else False,
        NextStep.LANGUAGE: languages >= MANY_LANGUAGES_SHARE,
    }
    steps = [step.value for step in rules]
    conditions = [np.broadcast_to(rule, len(rows)) for rule in rules.values()]
    chosen = np.select(conditions, steps, default=NextStep.WAITING.value)
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
