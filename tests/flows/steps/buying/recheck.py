"""Recompute the money and the responses of a run from its files alone.

It reads ``by_channel.csv`` and ``budget.json`` and shares no code with the service. Run it by hand:
``python recheck.py RUN_FOLDER``.
"""

import csv
import json
import math
import sys
from pathlib import Path


def recheck_run(folder: Path, most: int = 100) -> tuple[int, list[str]]:
    """Recompute units on channels, and say what differs by a cent or in the third digit.

    Parameters
    ----------
    folder
        A run.
    most
        How many units to recompute, spread over the list.

    Returns
    -------
    tuple
        How many were recomputed, and a sentence for each difference.
    """
    facts = json.loads((folder / "budget.json").read_text(encoding="utf-8"))
    assumed = {(each["channel"], each["assumption"]): each["mid"] for each in facts["assumptions"]}
    with (folder / "by_channel.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    picked = rows[:: max(1, len(rows) // most)]
    return len(picked), [fault for row in picked for fault in recheck_row(row, assumed)]


def recheck_row(row: dict[str, str], assumed: dict[tuple[str, str], float]) -> list[str]:
    """Recompute one unit on one channel by the formula of docs/campaign.md."""
    name = f"{row['unit_id']} on {row['channel']}"
    given = {key: float(value) for key, value in row.items() if key.endswith(SUFFIXES)}

    # Money: media with its fee is the budget, and buys impressions at the price of the channel.
    cpm_usd = assumed[row["channel"], "price of 1,000 impressions"]
    fee = assumed["all", "platform and agency fees on top of media"]
    impressions = given["budget_usd"] / (1 + fee) / cpm_usd * 1000

    # Exposure: what a household of the audience sees, who is reached, and what the reached see.
    audience = given["households_count"] * given["audience_share"]
    seen = impressions / audience if audience else 0.0
    seen *= assumed["all", "impressions that are seen (1: random exposure without waste)"]
    reached = given["audience_share"] * (1 - math.exp(-seen))
    ads = seen / (1 - math.exp(-seen)) if seen else 0.0

    # Responses.
    effective = assumed["all", "ads that count, of any number of them"]
    answer = assumed[row["channel"], "clicks per impression"]
    answer *= assumed["all", "clicks that end in a completed response"]
    responses = given["missing_at_deadline_count"] * given["persuadable_share"]
    responses *= given["audience_share"] * answer * effective * (1 - math.exp(-seen / effective))

    faults = []
    if round(100 * (given["media_usd"] + given["fee_usd"])) != round(100 * given["budget_usd"]):
        faults.append(f"{name}: media and fee are not the budget")
    if abs(given["budget_usd"] / (1 + fee) - given["media_usd"]) >= CENT:
        faults.append(f"{name}: the media is off by a cent or more")
    for what, found in (
        ("impressions_count", impressions),
        ("reached_share", reached),
        ("ads_per_reached_household", ads),
        ("expected_responses_count", responses),
    ):
        if not math.isclose(found, given[what], rel_tol=THIRD_DIGIT, abs_tol=1e-9):
            faults.append(f"{name}: {what} is {given[what]}, recomputed {found}")
    return faults


SUFFIXES = ("_usd", "_count", "_share", "_household")
CENT = 0.01 + 1e-6
THIRD_DIGIT = 5e-4

if __name__ == "__main__":
    count, differences = recheck_run(Path(sys.argv[1]))
    print(f"{count} recomputed", *(differences or ["all agree"]), sep="\n")
    sys.exit(bool(differences))
