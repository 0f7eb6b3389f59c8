"""Collect the evidence of what partners did beside the ads."""

import pandas as pd

from flows.steps.delivering.activity import list_gaps, open_log, sum_activity
from flows.steps.evidence.sources import Sources
from outreach.reports.data.evidence import Proof, Value
from outreach.spreadsheet import write_csv

_DAYS = ["first_day", "last_day"]


def collect_activity(sources: Sources) -> list[Proof]:
    """Return what the partners' logs have in the places of the newest list; nothing without any."""
    run = (sources.approved or sources.runs)[-1]
    activity = open_log(sources.home, run.campaign).read()
    if activity.empty:
        return []
    gaps = list_gaps(sources.store, run, activity)
    total = {
        "organization": "all",
        "kind": "all",
        "contacts_count": activity["contacts_count"].sum(),
        "places_count": activity["place"].nunique(),
        "first_day": activity["day"].min(),
        "last_day": activity["day"].max(),
        "organizations_count": activity["organization"].nunique(),
        "list_count": len(gaps),
        "gaps_count": int(gaps["is_gap"].sum()),
    }
    table = pd.concat([sum_activity(activity), pd.DataFrame([total])], ignore_index=True)
    table[_DAYS] = table[_DAYS].apply(lambda days: days.dt.date.astype(str))
    file, sha256 = sources.keep(
        f"{run.id}/activity.csv", write_csv(table, index=False).encode("utf-8")
    )
    values: dict[str, Value] = {
        "contacts": round(float(total["contacts_count"])),
        "organizations": int(total["organizations_count"]),
        "first": activity["day"].min().date(),
        "last": activity["day"].max().date(),
        "count": len(gaps),
        "gaps": int(total["gaps_count"]),
    }
    return [Proof("activity", values, run.id, activity["day"].max().date(), file, sha256)]
