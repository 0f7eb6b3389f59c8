"""Compare the lists of all objectives, and what each gives up."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from models.scores.missing_households import read_deadline
from models.targeting.reference_lists import WORST_SHARE
from models.targeting.selection import ListRules, list_affordable, price_flights
from outreach.objectives import Objective
from outreach.phrasing import write_dollars, write_percent
from outreach.tables import DataFrame, RatedTracts, Scores

#: Scores the tracts under other rules, everything else being equal.
Scorer = Callable[[ListRules], DataFrame[Scores]]
#: What a list can be best at.
_MEASURES = (
    "reached_per_1000_usd",
    "missing_per_household_share",
    "worst_found_share",
    "missing_covered_share",
)


@dataclass(frozen=True)
class ObjectiveLists:
    """The list that each objective buys for the same money.

    Parameters
    ----------
    bought
        The objective of the run.
    members
        The tracts of each list, best first.
    table
        A row is an objective: ``is_bought``; ``tracts_count``; ``cost_usd``;
        ``households_count``; ``missing_at_deadline_count``; ``reached_per_1000_usd``, the missing
        households that the ads reach and speak to for 1,000 USD; ``missing_per_household_share``,
        the share of its households that is missing; ``worst_found_share``, of the fifth of the
        tracts with the lowest rates at the deadline; ``missing_covered_share``, of all missing
        households; for each of these four what it gives up against the best of the lists,
        ``<measure>_given_up_share``; and ``jaccard_share``, how many tracts of this list and the
        bought one are on both.
    """

    bought: Objective
    members: dict[Objective, pd.Index]
    table: pd.DataFrame

    def describe(self) -> str:
        """Say what the list is for, and what the other lists would give and give up."""
        rows = {Objective(str(name)): row for name, row in self.table.iterrows()}
        parts = {each: f"{each.label}: {_describe_row(row)}" for each, row in rows.items()}
        bought = parts.pop(self.bought)
        return f"{bought}; instead, {'; '.join(parts.values())}; objectives.csv has all"


def compare_objectives(
    tracts: DataFrame[RatedTracts], scores: DataFrame[Scores], rules: ListRules, score: Scorer
) -> ObjectiveLists:
    """Buy the list of every objective under the rules of a run, and compare them.

    Parameters
    ----------
    tracts
        The tracts under consideration.
    scores
        Of the run, by its own objective.
    rules
        Of the run.
    score
        Scores the same tracts under other rules.
    """
    members = {}
    for objective in Objective:
        own = replace(rules, objective=objective)
        ranked = scores if objective is rules.objective else score(own)
        members[objective] = list_affordable(tracts, ranked, own)

    sheet = _read_sheet(tracts, scores, rules)
    rows = pd.DataFrame({objective: _measure(sheet, own) for objective, own in members.items()}).T
    best = rows[list(_MEASURES)].max()
    lost = (1 - rows[list(_MEASURES)] / best.where(best > 0)).add_suffix("_given_up_share")
    table = rows.join(lost, validate="one_to_one").rename_axis("objective")
    table.insert(0, "is_bought", [each == rules.objective for each in table.index])
    bought = members[rules.objective]
    table["jaccard_share"] = [measure_overlap(members[each], bought) for each in members]
    return ObjectiveLists(rules.objective, members, table)


def measure_overlap(one: pd.Index, other: pd.Index) -> float:
    """Return the Jaccard index of two lists, 0-1: tracts on both, of all on either; 1 if empty."""
    either = one.union(other)
    return len(one.intersection(other)) / len(either) if len(either) else 1.0


def _read_sheet(
    tracts: DataFrame[RatedTracts], scores: DataFrame[Scores], rules: ListRules
) -> pd.DataFrame:
    """Return what the measures of a list are added up from, by tract."""
    rated = tracts.loc[scores.index].drop(columns=["final_share"], errors="ignore")
    if "final_share" in scores:
        rated = rated.join(scores["final_share"], validate="one_to_one")
    rate = read_deadline(rated)["share"]
    households = rated["households_count"].astype(float)
    cost = price_flights(rated, rules.price)["budget_usd"]
    return pd.DataFrame(
        {
            "households": households,
            "missing": households * (1 - rate),
            "cost": cost,
            "reached": cost / scores.get("cost_of_reach_usd", float("nan")),
            "worst": rate.rank(method="first") <= WORST_SHARE * len(rate),
        }
    )


def _measure(sheet: pd.DataFrame, own: pd.Index) -> dict[str, float]:
    """Measure one list; a share of nothing is missing."""
    listed, nothing = sheet.loc[own].sum(), float("nan")
    whole = sheet.sum()
    return {
        "tracts_count": float(len(own)),
        "cost_usd": float(listed["cost"]),
        "households_count": float(listed["households"]),
        "missing_at_deadline_count": float(listed["missing"]),
        "reached_per_1000_usd": 1000 * listed["reached"] / (listed["cost"] or nothing),
        "missing_per_household_share": listed["missing"] / (listed["households"] or nothing),
        "worst_found_share": listed["worst"] / (whole["worst"] or nothing),
        "missing_covered_share": listed["missing"] / (whole["missing"] or nothing),
    }


def _describe_row(row: "pd.Series[float]") -> str:
    """Say what a list reaches for the money, and how much of what is missing it has."""
    if not row["tracts_count"]:
        return "no tract"
    return (
        f"{row['tracts_count']:,.0f} tracts, {row['reached_per_1000_usd']:,.0f} missing households"
        f" reached for {write_dollars(1000)}, {write_percent(row['worst_found_share'])} of the"
        f" worst fifth, {write_percent(row['missing_covered_share'])} of all missing households"
    )
