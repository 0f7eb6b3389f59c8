"""Remove from a view what must not be published."""

from dataclasses import replace

import numpy as np
import pandas as pd

from outreach.arrays import Flags
from outreach.reports.data.inputs import EarlierReport, ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.open_data.small_counts import find_small, list_small_tracts
from outreach.tables import Scores, Tracts, as_geo_table, as_table

#: Columns of the scores that are published: figures of the Bureau, and estimates of the rate. Ranks
#: and reasons stay inside: they show which tracts are selected.
_PUBLIC_SCORES = (
    "data_date",
    "missing_households_count",
    "final_share",
    "final_low80_share",
    "final_high80_share",
    "peer_share",
)


def make_public(
    view: ReportView, then: ReportView | None = None, *, test_running: bool
) -> tuple[ReportView, Figures]:
    """Return a view for publication, and its figures.

    All counts of a tract with a small one are removed, also from the sums, so that none can be
    found by subtraction. A district with a small count is left out.

    Parameters
    ----------
    view
        What the pages of the team show.
    then
        The view of the last report, if there was one.
    test_running
        Whether a test with a comparison group runs: then all targets are removed.

    Raises
    ------
    NothingThere
        Nothing is left to publish.
    """
    small = list_small_tracts(view)
    small = small if then is None else small.union(list_small_tracts(then))
    public = replace(
        _hide_counts(view, small),
        targets=None if test_running else view.targets,
        hidden_count=int(view.tracts.index.isin(small).sum()),
        earlier=None,
    )
    public = replace(public, districts=public.districts[~_find_small_districts(public)])

    # The last report, with the same tracts hidden and the same districts.
    if then is not None:
        before = replace(_hide_counts(then, small), districts=public.districts)
        earlier = EarlierReport(then.data_date, measure_districts(before).table)
        public = replace(public, earlier=earlier)
    return public, measure_districts(public)


def _hide_counts(view: ReportView, small: pd.Index) -> ReportView:
    """Remove the counts of some tracts, and everything that shows which tracts are selected."""
    tracts = view.tracts.copy()
    counts = [name for name in tracts if str(name).endswith(("_count", "_count_moe"))]
    tracts[counts] = tracts[counts].astype(float)
    tracts.loc[tracts.index.isin(small), counts] = np.nan

    scores = view.scores[[name for name in _PUBLIC_SCORES if name in view.scores]].copy()
    if "missing_households_count" in scores:
        scores.loc[scores.index.isin(small), "missing_households_count"] = np.nan
    return replace(view, tracts=as_geo_table(tracts, Tracts), scores=as_table(scores, Scores))


def _find_small_districts(view: ReportView) -> Flags:
    """Return which districts have a small count."""
    table = measure_districts(view).table
    counts = table.assign(missing_households_count=table["missing_count"])
    flags: Flags = find_small(counts).to_numpy(dtype=bool)
    return flags
