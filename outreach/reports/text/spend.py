"""Say what a campaign plans to spend, and in which districts."""

from dataclasses import dataclass

import pandas as pd

from outreach.catalog import Words
from outreach.reports.data.metrics import Figures
from outreach.reports.data.spend import PlannedSpend

#: How many districts the table names; the others share one row.
_ROWS = 6


@dataclass(frozen=True, slots=True)
class SpendShare:
    """A district's part of the planned spend beside its part of the missing households."""

    name: str
    money: str
    share: str
    missing: str


def describe_spend(spend: PlannedSpend, words: Words) -> str:
    """Say how much of the budget is planned, and for what."""
    if spend.withheld:
        return words.say("season.money_withheld")
    if not spend.targets_count:
        return words.say("season.money_none")
    text = words.say(
        "season.money_text",
        planned=words.money(spend.planned_usd),
        budget=words.money(spend.budget_usd),
        places=words.say(f"unit.{spend.kind}", count=spend.targets_count),
        unspent=words.money(spend.budget_usd - spend.planned_usd),
    )
    return text if spend.kind == "tracts" else f"{text} {words.say('season.money_crossing')}"


def list_spend_shares(figures: Figures, spend: PlannedSpend, words: Words) -> list[SpendShare]:
    """Return each district's part of the planned spend beside its part of the missing households.

    The districts with the most come first, then all others in one row, then what goes outside.
    Empty where the spend is withheld or cannot be split by district.
    """
    table = figures.table
    inside, missing = table["planned_usd"].sum(), table["missing_count"].sum()
    total = max(spend.planned_usd, inside)
    if total <= 0 or spend.withheld or spend.kind != "tracts":
        return []

    ordered = table.sort_values("planned_usd", ascending=False, kind="stable")
    first, rest = ordered.head(_ROWS), ordered.iloc[_ROWS:]
    rows = list(
        zip(first["name"].astype(str), first["planned_usd"], first["missing_count"], strict=True)
    )
    if len(rest):
        name = words.say("season.money_rest")
        rows.append((name, rest["planned_usd"].sum(), rest["missing_count"].sum()))
    if total - inside >= 1:
        rows.append((words.say("season.money_outside"), total - inside, float("nan")))
    return [
        SpendShare(
            name,
            words.money(usd),
            words.share(usd / total, 0),
            words.share(count / missing, 0) if pd.notna(count) else "\N{EN DASH}",
        )
        for name, usd, count in rows
    ]
