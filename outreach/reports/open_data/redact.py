"""Decide what is public: everything that is published comes from here."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from outreach.campaign import INDICATOR_PREFIX
from outreach.reports.data.inputs import EarlierReport, ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.data.sums import GROUPS
from outreach.reports.open_data.register import DisclosureRegister
from outreach.reports.open_data.small_counts import blur_small, merge_parts, name_parts
from outreach.tables import (
    Crosswalk,
    DataFrame,
    ResponseRates,
    Scores,
    Tracts,
    as_geo_table,
    as_table,
)
from outreach.units import Arm, UnitKind

#: Columns of the scores that are published: figures of the Bureau, and estimates of the rate. Ranks
#: and reasons stay inside: they show which tracts are selected.
_PUBLIC_SCORES = (
    "data_date",
    "missing_households_count",
    "final_share",
    "final_low80_share",
    "final_high80_share",
    "area_low80_share",
    "area_high80_share",
    "peer_share",
)
#: What is published of a tract with hidden counts: its place, and figures of the Bureau. Every
#: figure of the survey goes, shares too: 0.142857 can only be one of seven.
_KEPT_COLUMNS = (
    "name",
    "status",
    "land_km2",
    "data_date",
    "cumulative_share",
    "internet_share",
    "daily_share",
    "daily_internet_share",
    "final_2020_share",
    "final_2010_share",
    "low_response_score",
    "geometry",
)
#: Counts of the survey that pages and map show of other tracts. All others stay inside.
_KEPT_COUNTS = ("households_count", "housing_units_count", *GROUPS.values())
#: Rates that go too where a tract is withheld wholly.
_RATES = ("cumulative_share", "internet_share", "daily_share", "daily_internet_share")


@dataclass(frozen=True, slots=True)
class Publication:
    """What is public of one kind of district.

    Parameters
    ----------
    view, figures
        For pages, the map and the open data. No plan, rank or reason is in them.
    hidden, withheld
        Tracts whose counts are hidden, and those among them whose rate is withheld too.
    arms
        ``arm`` and ``budget_usd`` by tract, for the open data; ``None`` without a test, and while
        one is in flight.
    """

    view: ReportView
    figures: Figures
    hidden: frozenset[str]
    withheld: frozenset[str]
    arms: pd.DataFrame | None


def make_public(
    view: ReportView,
    then: ReportView | None = None,
    *,
    test_running: bool,
    register: DisclosureRegister | None = None,
) -> Publication:
    """Return what is public of a view; nothing else may be published.

    All counts of a tract with a small one are removed before anything is summed up, so that no sum,
    mean or difference depends on them. Small counts of groups of households, such as those that
    speak a language, are blurred before too. Small parts of tracts go to the district that holds
    most of the tract. A public view holds no targets, and nothing of partners' logs.

    Parameters
    ----------
    view
        What the pages of the team show.
    then
        The view of the last report, if there was one.
    test_running
        Whether a test with a comparison group is in flight on this ground: then there are no arms.
    register
        What the season's publications have hidden, this one included
        (:meth:`outreach.reports.open_data.register.DisclosureRegister.extend`). By default this
        publication is the first.

    Raises
    ------
    NothingThere
        Nothing is left to publish.
    """
    shown = [view] if then is None else [view, then]
    register = register or DisclosureRegister().extend(shown)
    hidden = frozenset(register.hidden.intersection(view.tracts.index))
    public = replace(
        _redact_view(view, register),
        targets=None,
        activity=None,
        hidden_count=len(hidden),
        earlier=None,
        series=tuple(each for each in view.series if set(each.columns) <= set(view.public_columns)),
        sites=None if view.sites is None else view.sites.make_public(),
    )

    # The last report, with the same tracts hidden and the same parts merged.
    if then is not None:
        before = _redact_view(then, register)
        earlier = EarlierReport(then.data_date, measure_districts(before).table)
        public = replace(public, earlier=earlier)
    return Publication(
        public,
        measure_districts(public),
        hidden,
        frozenset(register.withheld.intersection(view.tracts.index)),
        None if test_running else _list_arms(view, hidden),
    )


def has_comparison(view: ReportView) -> bool:
    """Return whether the targets of a view have a comparison group."""
    return view.targets is not None and bool((view.targets["arm"] != Arm.TREAT).any())


def _redact_view(view: ReportView, register: DisclosureRegister) -> ReportView:
    """Remove what is hidden from every table of a view."""
    tracts = view.tracts.copy()
    hidden = tracts.index.isin(list(register.hidden))
    withheld = tracts.index.isin(list(register.withheld))
    for name in map(str, tracts.columns):
        rows = hidden if name not in _KEPT_COLUMNS else withheld if name in _RATES else None
        if rows is not None and rows.any():
            tracts[name] = tracts[name].where(~rows, np.nan)
    tracts = _keep_public_columns(tracts, view.public_columns)

    scores = view.scores[[name for name in _PUBLIC_SCORES if name in view.scores]].copy()
    if "missing_households_count" in scores:
        scores.loc[scores.index.isin(list(register.hidden)), "missing_households_count"] = np.nan
    scores = scores[~scores.index.isin(list(register.withheld))]

    history = view.history
    if history is not None:
        history = history[~history.index.isin(list(register.withheld))]
    return replace(
        view,
        tracts=as_geo_table(tracts, Tracts),
        scores=as_table(scores, Scores),
        history=as_table(history, ResponseRates) if history is not None and len(history) else None,
        crosswalk=_merge_small_parts(view, "", register),
        other_crosswalks={
            name: _merge_small_parts(view, name, register) for name in view.other_crosswalks
        },
    )


def _keep_public_columns(tracts: pd.DataFrame, own: Collection[str]) -> pd.DataFrame:
    """Drop counts of the survey that nothing public shows, and figures that the campaign keeps.

    Small counts of groups, and of the campaign's own figures that it publishes, are blurred.
    """
    inside = [
        name
        for name in map(str, tracts.columns)
        if (name.endswith("_count") or name.startswith(INDICATOR_PREFIX))
        and name not in {*_KEPT_COUNTS, *own}
    ]
    counts = (*GROUPS.values(), *(name for name in own if name.endswith("_count")))
    groups = [name for name in counts if name in tracts]
    return tracts.drop(columns=inside).assign(**{name: blur_small(tracts[name]) for name in groups})


def _merge_small_parts(
    view: ReportView, way: str, register: DisclosureRegister
) -> DataFrame[Crosswalk]:
    """Merge the hidden parts of one crosswalk of a view into the largest part of their tract."""
    crosswalk = view.other_crosswalks[way] if way else view.crosswalk
    keys = name_parts(view.kind, way, crosswalk)
    return merge_parts(crosswalk, np.array([key in register.hidden for key in keys], dtype=bool))


def _list_arms(view: ReportView, hidden: frozenset[str]) -> pd.DataFrame | None:
    """Return arm and budget of each tract of a test; a hidden tract has no budget."""
    if view.targets is None or not has_comparison(view):
        return None
    targets = view.targets[view.targets["kind"] == UnitKind.TRACT].drop_duplicates("place")
    arms = pd.DataFrame(targets.set_index("place")[["arm", "budget_usd"]])
    arms["budget_usd"] = arms["budget_usd"].mask(arms.index.isin(list(hidden)))
    return arms
