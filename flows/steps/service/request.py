"""Turn what a planner typed into a form into a campaign and a day."""

import datetime as dt
import tomllib
from collections.abc import Iterable, Sequence
from typing import Any

from outreach.archive import Archive
from outreach.campaign import Campaign, parse_campaign
from outreach.errors import CampaignError
from outreach.store import Run


def parse_day(text: str) -> dt.date | None:
    """Return the day of a text such as ``2020-05-28``; ``None`` for an empty text.

    Raises
    ------
    CampaignError
        There is no such day.
    """
    if not text.strip():
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise CampaignError(
            f"There is no day '{text}'.", "Write it as year, month, and day: 2020-05-28."
        ) from None


def change_budget(campaign: Campaign, budget_usd: float | None) -> Campaign:
    """Return the campaign with another budget; all of it is checked again.

    Raises
    ------
    CampaignError
        The rest of the campaign does not go with that budget.
    """
    if budget_usd is None or budget_usd == campaign.budget_usd:
        return campaign
    request = campaign.model_dump() | {"budget_usd": budget_usd}
    return parse_campaign(request, f"{campaign.name} with ${budget_usd:,.2f}")


def override_keys(campaign: Campaign, overrides: Sequence[str]) -> Campaign:
    """Return the campaign with other values of some keys; all of it is checked again.

    Parameters
    ----------
    overrides
        Such as ``goal_percent=70`` or ``holdout.percent=0``: a key of the campaign file, with the
        table that it stands in, and a value as TOML writes it. Text needs no quotes.

    Raises
    ------
    CampaignError
        An override has no such form, or the campaign does not go with it.
    """
    request = campaign.model_dump()
    for override in overrides:
        name, mark, text = override.partition("=")
        *tables, key = name.strip().split(".")
        if not mark or not key:
            raise CampaignError(
                f"'{override}' sets no key.", "Write it as KEY=VALUE, such as goal_percent=70."
            )
        table = request
        for each in tables:
            inner = table.get(each)
            table[each] = dict(inner) if isinstance(inner, dict) else {}
            table = table[each]
        table[key] = _read_value(text.strip())
    return parse_campaign(request, f"{campaign.name} with {', '.join(overrides)}")


def _read_value(text: str) -> Any:
    """Read a value as TOML writes it; what is none is text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def list_missing_days(
    archive: Archive,
    campaign: Campaign,
    runs: Iterable[Run],
    first: dt.date | None,
    last: dt.date | None,
) -> list[dt.date]:
    """Return the archived data dates of a period on which a campaign has no run, in order.

    Parameters
    ----------
    runs
        The runs of the campaign.
    first, last
        The period, both days included; ``None`` leaves it open.

    Raises
    ------
    CampaignError
        The period ends before it begins.
    """
    if first and last and last < first:
        raise CampaignError(
            f"The period ends on {last}, before it begins on {first}.", "Exchange the two days."
        )
    held = {run.data_date for run in runs}
    return [
        day
        for day in archive.data_dates(campaign.codes)
        if (first is None or day >= first) and (last is None or day <= last) and day not in held
    ]
