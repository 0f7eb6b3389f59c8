"""Say what a run would change against the last one: list, money, and reach."""

import pandas as pd

from outreach.phrasing import write_count, write_date, write_dollars
from outreach.store import Run, Store
from outreach.tables import DataFrame, Targets

#: Columns of a list whose sums are compared, and what they are called.
_COUNTS = {
    "missing_households_count": "missing households in the places that get money",
    "reached_households_count": "households that see the ads",
    "expected_responses_count": "expected additional responses",
}


def describe_what_if(
    store: Store, earlier: Run, manifest: Run, targets: DataFrame[Targets]
) -> list[str]:
    """Compare a run that was not kept with an earlier one, one sentence for each line.

    Parameters
    ----------
    store, earlier
        The runs, and the one to compare with.
    manifest, targets
        Of the run that was not kept.

    Raises
    ------
    StoreError
        The list of the earlier run is gone or damaged.
    """
    before = store.read_table(earlier.id, "targets")
    old, new = _sum_list(before), _sum_list(targets)
    joined = targets.index.difference(before.index)
    left = before.index.difference(targets.index)
    budget = write_dollars(earlier.campaign.budget_usd, cents=True)
    money = [write_dollars(total["budget_usd"], cents=True) for total in (old, new)]
    limit = write_dollars(manifest.campaign.budget_usd, cents=True)
    day, places = write_date(earlier.data_date), write_count(len(before), "place")
    changes = f"{len(joined):,} join and {len(left):,} leave"
    sentences = [
        f"Compared with {earlier.id}, on data of {day} with a budget of {budget}:",
        f"List: {places} before, {len(targets):,} now; {changes}.",
        f"Money: {money[0]} planned before, {money[1]} now, of {limit}.",
    ]
    if manifest.data_date != earlier.data_date:
        sentences.append(f"Data: of {write_date(manifest.data_date)} now.")
    sentences += [
        f"{title[0].upper()}{title[1:]}: {old[name]:,.0f} before, {new[name]:,.0f} now."
        for name, title in _COUNTS.items()
        if name in old and name in new
    ]
    return sentences


def _sum_list(targets: pd.DataFrame) -> dict[str, float]:
    """Return the sums of a list over the places that get money."""
    funded = targets[targets["budget_usd"] > 0]
    if "reached_share" in funded:
        reached = funded["reached_share"] * funded["households_count"]
        funded = funded.assign(reached_households_count=reached)
    return {name: float(funded[name].sum()) for name in ("budget_usd", *_COUNTS) if name in funded}
