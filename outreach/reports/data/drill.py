"""Hold a drill: what was known on each day, what was decided, and what came."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from outreach.campaign import Campaign


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BoughtTract(_Strict):
    """A tract of a list: its cost, and where it was expected to end (0-1, with 80% range)."""

    geoid: str
    cost_usd: float
    households_count: float
    expected_share: float
    low80_share: float
    high80_share: float


class OfferedList(_Strict):
    """What a list would have held for the money left on a day."""

    choice: str
    tracts_count: int
    households_count: float
    cost_usd: float
    expected_missing_count: float


class DrillDecision(_Strict):
    """What a trainee decided, and the list of the tool for the same money.

    Parameters
    ----------
    choice
        A name of :class:`models.evaluation.drill.ListChoice`.
    money_usd
        The money that could be spent; a list of whole tracts may cost less.
    by, reason, decided_at
        Who decided it, why, and when.
    own, tool
        The trainee's list and the tool's, first bought first.
    """

    choice: str
    money_usd: float
    by: str = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=2000)
    decided_at: dt.datetime
    own: tuple[BoughtTract, ...]
    tool: tuple[BoughtTract, ...]

    @property
    def spent_usd(self) -> float:
        """What the trainee's list costs."""
        return sum(tract.cost_usd for tract in self.own)


class DrillDay(_Strict):
    """A day as it was known then.

    Parameters
    ----------
    data_date, run_id
        The day, and the run that shows it.
    tracts_count
        Tracts with a rate.
    rate_share
        The area's rate, weighted by households, 0-1; ``None`` where no source counts them.
    forecast_share
        Where the area was expected to end.
    left_usd
        The money left in the morning.
    offers
        What each list would have held for it.
    decision
        ``None`` where nothing was decided.
    """

    data_date: dt.date
    run_id: str
    tracts_count: int
    rate_share: float | None
    forecast_share: float | None
    left_usd: float
    offers: tuple[OfferedList, ...]
    decision: DrillDecision | None = None


class ListResult(_Strict):
    """What was expected of a list, and what came: as ``models.evaluation.drill.ListFigures``."""

    tracts_count: int
    households_count: float
    cost_usd: float
    expected_missing_count: float
    came_missing_count: float
    worst_fifth_count: int
    reached_goal_count: int
    in_range_count: int
    compared_count: int


class DayResult(_Strict):
    """The trainee's list of a day and the tool's for the same money."""

    data_date: dt.date
    own: ListResult
    tool: ListResult


class DrillResult(_Strict):
    """What came.

    Parameters
    ----------
    ended_at
        When the drill was ended.
    final_date, final_share
        The day whose rates count as final, and the area's rate on it (0-1).
    missing_count
        Households missing then, in the whole area.
    worst_fifth_count
        Tracts in the fifth with the lowest final rates.
    days
        Days with a list that was bought.
    own, tool
        All lists of the trainee together, and all of the tool.
    """

    ended_at: dt.datetime
    final_date: dt.date
    final_share: float | None
    missing_count: float
    worst_fifth_count: int
    days: tuple[DayResult, ...]
    own: ListResult
    tool: ListResult


class Drill(_Strict):
    """A season replayed for training: the content of ``drill.json``.

    Parameters
    ----------
    name, slug
        Its name, and that of its folder.
    campaign
        What is requested; its budget is the money of the whole drill.
    area
        In words.
    started_at
        When it was started.
    planned
        The data dates to step through.
    days
        Those that were opened so far.
    result
        ``None`` until it is ended.
    """

    format: Literal[1] = 1
    name: str
    slug: str
    campaign: Campaign
    area: str
    started_at: dt.datetime
    planned: tuple[dt.date, ...]
    days: tuple[DrillDay, ...] = ()
    result: DrillResult | None = None

    @property
    def left_usd(self) -> float:
        """The money that is not spent."""
        spent = sum(day.decision.spent_usd for day in self.days if day.decision)
        return round(self.campaign.budget_usd - spent, 2)

    @property
    def left_to_tool_usd(self) -> float:
        """The money that the tool's own lists have not spent."""
        lists = [day.decision.tool for day in self.days if day.decision]
        spent = sum(tract.cost_usd for bought in lists for tract in bought)
        return round(self.campaign.budget_usd - spent, 2)
