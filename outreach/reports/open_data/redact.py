"""What of a run anybody may read: small counts hidden, ranks and reasons left out, arms and money withheld while a test runs."""

from dataclasses import replace

import numpy as np
import pandas as pd

from outreach.arrays import Flags
from outreach.reports.data.inputs import Earlier, ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.open_data.package import find_small, list_small_tracts

#: Columns of the scores that are published: figures of the Bureau and estimates of the rate. Ranks
#: and reasons stay inside: they say who is chosen.
PUBLIC_SCORES = (
    "data_date",
    "missing_households_count",
    "final_share",
    "final_low80_share",
    "final_high80_share",
    "expected_share",
)


def make_public(
    view: ReportView, then: ReportView | None = None, *, test_running: bool
) -> tuple[ReportView, Figures]:
    """Return a view that may be published, and its figures.

    Every count of a tract with a small one is taken out, from the sums too, so that none can be had
    by subtraction; a district with a small count is left out.

    Parameters
    ----------
    view
        What the team's own pages show.
    then
        The view of the last report, if there was one.
    test_running
        Whether a test with a comparison group runs: then nothing of the targets is left.

    Raises
    ------
    NothingThere
        Nothing is left to publish.
    """
    small = list_small_tracts(view)
    small = small if then is None else small.union(list_small_tracts(then))
    public = replace(
        _hide(view, small),
        targets=None if test_running else view.targets,
        hidden_count=int(view.tracts.index.isin(small).sum()),
        earlier=None,
    )
    few = _find_few(public)
    public = replace(public, districts=public.districts[~few])
    if then is not None:
        before = replace(_hide(then, small), districts=public.districts)
        public = replace(public, earlier=Earlier(then.data_date, measure_districts(before).table))
    return public, measure_districts(public)


def _hide(view: ReportView, small: pd.Index) -> ReportView:
    """Take the counts of some tracts out of a view, and out of everybody's sight what says who is chosen."""
    tracts = view.tracts.copy()
    counts = [name for name in tracts if str(name).endswith(("_count", "_count_moe"))]
    tracts[counts] = tracts[counts].astype(float)
    tracts.loc[tracts.index.isin(small), counts] = np.nan
    scores = view.scores[[name for name in PUBLIC_SCORES if name in view.scores]].copy()
    if "missing_households_count" in scores:
        scores.loc[scores.index.isin(small), "missing_households_count"] = np.nan
    return replace(view, tracts=tracts, scores=scores)


def _find_few(view: ReportView) -> Flags:
    """Return which districts have a small count."""
    table = measure_districts(view).table
    few: Flags = find_small(table.assign(missing_households_count=table["missing_count"])).to_numpy(
        dtype=bool
    )
    return few
