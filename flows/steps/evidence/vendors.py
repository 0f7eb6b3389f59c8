"""Collect the evidence of vendors: measures, review dates, actions, and texts for clauses."""

import datetime as dt
import math

import pandas as pd

from flows.steps.delivering.plan import find_flight, gather_plan
from flows.steps.evidence.sources import Sources
from outreach.delivery.plan import FlightPlan
from outreach.delivery.receipt import Receipt
from outreach.delivery.reconcile import Reconciliation, reconcile
from outreach.delivery.warnings import PACE_OFF, list_warnings
from outreach.reports.data.evidence import Cents, Channel, Dollars, Proof, Setting, Share, Value
from outreach.spreadsheet import write_csv
from outreach.store import Run

#: A price is for so many impressions.
_PER_CPM = 1000
#: Ads where none were bought: after the flight they are no longer stopped, only credited.
_LEAKS, _OVER = ("holdout", "buffer", "unbought"), "_over"
_WEEK = dt.timedelta(days=7)


def collect_delivery(sources: Sources) -> list[Proof]:
    """Return what is known of the vendors of each flight, once a flight."""
    proofs, seen = list[Proof](), set[str]()
    for run in reversed(sources.approved):
        flight = find_flight(sources.store, run.id)
        ledger = flight.open_ledger(sources.home)
        delivery = ledger.read()
        if flight.tag in seen or delivery.empty:
            continue
        seen.add(flight.tag)
        plan = gather_plan(sources.store, flight)
        made = reconcile(plan, delivery)
        measures = measure_vendors(made)
        actions = count_actions(list_warnings(plan, made))
        proofs += [
            _say_delivery(sources, run, made),
            *_say_measures(sources, run, made, measures),
            *_say_reviews(sources, run, plan, ledger.receipts()),
            *_say_actions(sources, run, made, actions),
            *_say_clauses(sources, run, made, measures, actions),
        ]
    return proofs


def measure_vendors(made: Reconciliation) -> pd.DataFrame:
    """Return what each channel was to deliver and delivered, all channels together last.

    Returns
    -------
    DataFrame
        ``channel`` (empty for all together), ``planned_usd``, ``due_usd``, ``delivered_usd``,
        ``pace`` (delivered by due), ``impressions_count``, and the price of 1,000 impressions as
        planned and as delivered (``planned_cpm_usd``, ``cpm_usd``).
    """
    lines = made.lines[made.lines["dimension"].isin(["channel", "total"])]
    table = pd.DataFrame(
        {
            "channel": lines["key"],
            **{name: lines[name] for name in ("planned_usd", "due_usd", "delivered_usd")},
            "pace": lines["delivered_usd"] / lines["due_usd"].where(lines["due_usd"] > 0),
            "impressions_count": lines["delivered_impressions_count"],
            "planned_cpm_usd": _price(lines["planned_usd"], lines["planned_impressions_count"]),
            "cpm_usd": _price(lines["delivered_usd"], lines["delivered_impressions_count"]),
        }
    )
    return table.sort_values("channel", key=lambda names: names == "", kind="stable")


def count_actions(warnings: pd.DataFrame) -> pd.DataFrame:
    """Return what there is to do, a row for each kind of warning.

    Returns
    -------
    DataFrame
        ``action`` (a kind of warning; money off its pace is ``fast`` or ``slow``), ``count`` of
        places, channels, or days, and ``spend_usd``.
    """
    rows = list[dict[str, object]]()
    pace = warnings["pace"].map(lambda value: "fast" if value > 1 else "slow", na_action="ignore")
    kinds = warnings["kind"].where(warnings["kind"] != "pace", pace)
    for kind, own in warnings.groupby(kinds, sort=False):
        days = kind in {"gap", "outside"}
        count = int(own["days_count"].sum()) if days else len(own)
        spent = math.fsum(own["spend_usd"].fillna(0.0))
        rows.append({"action": str(kind), "count": count, "spend_usd": spent})
    return pd.DataFrame(rows, columns=["action", "count", "spend_usd"])


def list_review_days(plan: FlightPlan) -> tuple[dt.date, ...]:
    """Return the days of review of a flight: each week, and the day after its end."""
    weeks = (plan.last - plan.first).days // _WEEK.days
    days = [plan.first + number * _WEEK for number in range(1, weeks + 1)]
    end = plan.last + dt.timedelta(days=1)
    return tuple(dict.fromkeys([*days, end]))


def _price(money: "pd.Series[float]", impressions: "pd.Series[float]") -> "pd.Series[float]":
    """Return the price of 1,000 impressions; missing without any."""
    return money / impressions.where(impressions > 0) * _PER_CPM


def _keep(sources: Sources, run: Run, name: str, table: pd.DataFrame) -> tuple[str, str]:
    """Put a table into the pack; return its path there and its hash."""
    return sources.keep(f"{run.id}/{name}", write_csv(table, index=False).encode("utf-8"))


def _say_delivery(sources: Sources, run: Run, made: Reconciliation) -> Proof:
    """Say what was planned, due, and delivered in all, and which places were served by mistake."""
    total = made.lines[made.lines["dimension"] == "total"].iloc[0]
    file, sha256 = _keep(sources, run, "delivery.csv", made.lines)
    values: dict[str, Value] = {
        "date": made.through,
        "planned": Dollars(total["planned_usd"]),
        "due": Dollars(total["due_usd"]),
        "delivered": Dollars(total["delivered_usd"]),
        "leaks": len(made.leaks),
        "unserved": len(made.unserved),
    }
    kind = "delivery_over" if made.is_over else "delivery"
    return Proof(kind, values, run.id, made.through, file, sha256)


def _say_measures(
    sources: Sources, run: Run, made: Reconciliation, measures: pd.DataFrame
) -> list[Proof]:
    """Say what each channel delivered of what was due, and at which price."""
    file, sha256 = _keep(sources, run, "vendors.csv", measures)
    known = measures[(measures["channel"] != "") & measures["cpm_usd"].notna()]
    proofs = []
    for row in known.dropna(subset="pace").to_dict("records"):
        values: dict[str, Value] = {
            "channel": Channel(row["channel"]),
            "delivered": Dollars(row["delivered_usd"]),
            "due": Dollars(row["due_usd"]),
            "pace": Share(row["pace"]),
            "impressions": int(row["impressions_count"]),
            "price": Cents(row["cpm_usd"]),
        }
        proofs.append(Proof("vendor_measure", values, run.id, made.through, file, sha256))
    return proofs


def _say_reviews(
    sources: Sources, run: Run, plan: FlightPlan, receipts: list[Receipt]
) -> list[Proof]:
    """Say when delivery is to be reviewed, and when reports were imported."""
    due = Proof("review_due", {"days": list_review_days(plan)}, run.id, plan.last)
    table = pd.DataFrame(
        [
            {
                "imported": receipt.imported_at.date().isoformat(),
                "platform": receipt.platform,
                "report": receipt.file,
                "first_day": receipt.first_day.isoformat(),
                "last_day": receipt.last_day.isoformat(),
                "rows_count": receipt.rows_count,
                "corrections_count": len(receipt.corrections),
            }
            for receipt in receipts
        ]
    )
    file, sha256 = _keep(sources, run, "reviews.csv", table)
    values: dict[str, Value] = {
        "count": len(receipts),
        "first": receipts[0].imported_at.date(),
        "last": receipts[-1].imported_at.date(),
        "corrections": int(table["corrections_count"].sum()),
    }
    kind = "review" if values["first"] != values["last"] else "review_day"
    return [due, Proof(kind, values, run.id, receipts[-1].last_day, file, sha256)]


def _say_actions(
    sources: Sources, run: Run, made: Reconciliation, actions: pd.DataFrame
) -> list[Proof]:
    """Say what there is to do after the last reports."""
    file, sha256 = _keep(sources, run, "actions.csv", actions)
    if actions.empty:
        return [Proof("action_none", {}, run.id, made.through, file, sha256)]
    return [
        Proof(
            f"action_{row['action']}{_OVER if made.is_over and row['action'] in _LEAKS else ''}",
            {"count": int(row["count"]), "money": Cents(row["spend_usd"])},
            run.id,
            made.through,
            file,
            sha256,
        )
        for row in actions.to_dict("records")
    ]


def _say_clauses(
    sources: Sources,
    run: Run,
    made: Reconciliation,
    measures: pd.DataFrame,
    actions: pd.DataFrame,
) -> list[Proof]:
    """Draft clauses for a later contract, each with what happened in this flight."""
    clauses = _measure_clauses(made, measures, actions)
    file, sha256 = _keep(sources, run, "clauses.csv", clauses)
    row = clauses.iloc[0]
    texts: dict[str, dict[str, Value]] = {
        "clause_places": {"count": int(row["leaks_count"]), "money": Cents(row["leaks_usd"])},
        "clause_reports": {"count": int(row["days_without_report_count"])},
    }
    if pd.notna(row["pace"]):
        texts["clause_pace"] = {"off": Setting(row["pace_off_share"]), "pace": Share(row["pace"])}
    if pd.notna(row["cpm_usd"]) and pd.notna(row["planned_cpm_usd"]):
        texts["clause_price"] = {
            "planned": Cents(row["planned_cpm_usd"]),
            "price": Cents(row["cpm_usd"]),
        }
    return [
        Proof(kind, values, run.id, made.through, file, sha256) for kind, values in texts.items()
    ]


def _measure_clauses(
    made: Reconciliation, measures: pd.DataFrame, actions: pd.DataFrame
) -> pd.DataFrame:
    """Return the figures of the clauses, one row."""
    total = measures.iloc[-1]
    gaps = actions.loc[actions["action"] == "gap", "count"]
    return pd.DataFrame(
        [
            {
                "pace_off_share": PACE_OFF,
                "pace": total["pace"],
                "leaks_count": len(made.leaks),
                "leaks_usd": math.fsum(made.leaks["spend_usd"]),
                "cpm_usd": total["cpm_usd"],
                "planned_cpm_usd": total["planned_cpm_usd"],
                "days_without_report_count": int(gaps.sum()),
            }
        ]
    )
