"""Collect the evidence of lists: approval, goal, progress, reallocation, coverage."""

import io
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from flows.steps.evidence.sources import Sources
from outreach.files import make_slug
from outreach.reports.data.evidence import Dollars, Phrase, Proof, Setting, Share, Value
from outreach.spreadsheet import write_csv
from outreach.store import Run

_MANIFEST = "manifest.json"
_BOUGHT = "bought list"
#: Phrases of the catalog for the lists of the equity sheet, and for its verdicts.
_LISTS = {
    _BOUGHT: "list_bought",
    "lowest rates": "list_lowest",
    "most missing households": "list_missing",
}
_VERDICTS = {"gains": "group_gains", "loses": "group_loses", "as everyone": "group_alike"}
_RATES = ("rate_by_households_share", "rate_by_housing_units_share", "rate_by_tracts_share")


def collect_approvers(sources: Sources) -> list[Proof]:
    """Return who approved each list."""
    proofs = []
    for run in sources.approved:
        approval = sources.approvals[run.id]
        file, sha256 = sources.keep(
            f"{run.id}/approval.json", approval.model_dump_json(indent=2).encode("utf-8")
        )
        values: dict[str, Value] = {
            "name": approval.by,
            "date": approval.approved_at.date(),
            "count": int(run.counts.get("targets", 0)),
            "money": Dollars(run.figures.get("planned_usd", 0.0)),
        }
        kind = "approver"
        if approval.reason:
            kind, values = "approver_reason", values | {"reason": approval.reason}
        proofs.append(Proof(kind, values, run.id, run.data_date, file, sha256))
    return proofs


def collect_progress(sources: Sources) -> list[Proof]:
    """Return the goal, and the rate that each run found, one for each date."""
    last_of_day = {run.data_date: run for run in sources.runs}
    newest = sources.runs[-1]
    file, sha256 = _keep_manifest(sources, newest)
    goal = {"goal": Setting(newest.campaign.goal_share)}
    proofs = [Proof("goal", goal, newest.id, newest.data_date, file, sha256)]
    for day, run in sorted(last_of_day.items()):
        rate = next((run.figures[name] for name in _RATES if name in run.figures), None)
        if rate is not None:
            file, sha256 = _keep_manifest(sources, run)
            values: dict[str, Value] = {"date": day, "rate": Share(rate)}
            proofs.append(Proof("progress", values, run.id, day, file, sha256))
    return proofs


def collect_reallocations(sources: Sources) -> list[Proof]:
    """Return how much money moved between places from one approved list to the next."""
    proofs = []
    for earlier, later in pairwise(sources.approved):
        before, after = (
            sources.store.read_table(run.id, "targets")["budget_usd"] for run in (earlier, later)
        )
        moves = compare_lists(before, after)
        file, sha256 = sources.keep(
            f"{later.id}/moves.csv", write_csv(moves, index=False).encode("utf-8")
        )
        states = moves["state"].value_counts()
        values: dict[str, Value] = {
            "earlier": earlier.data_date,
            "later": later.data_date,
            "before": Dollars(moves["earlier_usd"].iloc[-1]),
            "after": Dollars(moves["later_usd"].iloc[-1]),
            "money": Dollars(moves["moved_usd"].iloc[-1]),
            "lost": Dollars(moves["lost_usd"].iloc[-1]),
            "joined": int(states.get("joined", 0)),
            "left": int(states.get("left", 0)),
            "reason": sources.approvals[later.id].reason
            or later.reason
            or Phrase("evidence.no_reason"),
        }
        proofs.append(Proof("reallocation", values, later.id, later.data_date, file, sha256))
    return proofs


def compare_lists(before: "pd.Series[float]", after: "pd.Series[float]") -> pd.DataFrame:
    """Return the money of each place in two lists, and what moved to it.

    Parameters
    ----------
    before, after
        US dollars by unit.

    Returns
    -------
    DataFrame
        ``unit_id``, ``earlier_usd``, ``later_usd``, ``moved_usd`` (what a place gained),
        ``lost_usd``, and ``state`` (``joined``, ``left``, ``stayed``); the last row adds all up.
    """
    units = before.index.union(after.index)
    moves = pd.DataFrame(
        {
            "unit_id": units,
            "earlier_usd": before.reindex(units).fillna(0.0).to_numpy(float),
            "later_usd": after.reindex(units).fillna(0.0).to_numpy(float),
            "state": np.select(
                [~units.isin(before.index), ~units.isin(after.index)], ["joined", "left"], "stayed"
            ),
        }
    )
    gains = moves["later_usd"] - moves["earlier_usd"]
    moves = moves.assign(moved_usd=gains.clip(lower=0), lost_usd=(-gains).clip(lower=0))
    total = {"unit_id": "all", "state": "all"} | {
        name: math.fsum(moves[name])
        for name in ("earlier_usd", "later_usd", "moved_usd", "lost_usd")
    }
    return pd.concat([moves, pd.DataFrame([total])], ignore_index=True)


def collect_coverage(sources: Sources) -> list[Proof]:
    """Return how many groups gain or lose under the newest list, and each group with its margin."""
    run = (sources.approved or sources.runs)[-1]
    if not sources.has_output(run, "equity.csv"):
        return []
    file, sha256 = sources.keep_output(run, "equity.csv")
    sheet = pd.read_csv(io.BytesIO(sources.files[file]))
    if sheet.empty:
        return []
    names = sheet["list"].unique()
    name = _BOUGHT if _BOUGHT in names else str(names[0])
    listed = sheet[sheet["list"] == name]
    counts = listed["verdict"].value_counts()
    values: dict[str, Value] = {
        "list": Phrase(f"evidence.{_LISTS[name]}") if name in _LISTS else name,
        "gains": int(counts.get("gains", 0)),
        "loses": int(counts.get("loses", 0)),
        "same": int(counts.get("as everyone", 0)),
        "unknown": int(counts.get("not known", 0)),
    }
    kind = "coverage" if values["unknown"] != len(listed) else "coverage_none"
    said = [(kind, values), *map(describe_group, listed.to_dict("records"))]
    return [Proof(kind, each, run.id, run.data_date, file, sha256) for kind, each in said]


def describe_group(group: Mapping[Any, Any]) -> tuple[str, dict[str, Value]]:
    """Return the kind and the figures of what a list does for a group of the equity sheet.

    Parameters
    ----------
    group
        A row of ``equity.csv``.
    """
    named: dict[str, Value] = {
        "group": Phrase("delivery_group." + make_slug(str(group["group"])).replace("-", "_"))
    }
    if pd.isna(group["covered_share"]) or pd.isna(group["everyone_covered_share"]):
        return "group_none", named
    values = named | {
        "covered": Share(group["covered_share"]),
        "everyone": Share(group["everyone_covered_share"]),
        "base": Phrase(f"evidence.{_name_base(group)}"),
    }
    verdict = _VERDICTS.get(str(group["verdict"]))
    if verdict is None or pd.isna(group["covered_margin_share"]):
        return "group_bare", values
    values["margin"] = Share(group["covered_margin_share"])
    return "group", values | {"verdict": Phrase(f"evidence.{verdict}")}


def _name_base(group: Mapping[Any, Any]) -> str:
    """Return the phrase for all that the members of a group are part of."""
    if group["dimension"] == "poverty":
        return "base_poverty"
    return f"base_{group['unit']}"


def _keep_manifest(sources: Sources, run: Run) -> tuple[str, str]:
    """Copy the manifest of a run into the pack."""
    content = (sources.store.find(run.id)[1] / _MANIFEST).read_bytes()
    return sources.keep(f"{run.id}/{_MANIFEST}", content)
