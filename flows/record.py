"""Recording: the manifest of a run, and its figures in sentences."""

import datetime as dt

import pandas as pd

from flows.gather import Gathered, Joined
from geo.join import weighted_rate
from geo.join_report import JoinReport
from outreach.campaign import Campaign
from outreach.errors import NothingThere
from outreach.store import Run, installed_versions

_VERSIONS = ("census", "folium", "geopandas", "pandas", "prefect", "scikit-learn", "shapely")


def make_manifest(
    run_id: str,
    campaign: Campaign,
    gathered: Gathered,
    joined: Joined,
    tables: dict[str, pd.DataFrame],
    seconds: dict[str, float],
) -> Run:
    """Write down what was asked, what went in and what came out.

    Parameters
    ----------
    tables
        ``scores`` and ``targets``.
    seconds
        How long each step took.
    """
    report, targets = joined.report, tables["targets"]
    spent = float(targets["budget_usd"].sum())
    counts: dict[str, int | float] = {
        "tracts_offered": joined.offered_count,
        "tracts": len(joined.tracts),
        "rated": len(report.matched) + len(report.without_polygon),
        "targets": len(targets),
        "requests": sum(source.requests for source in gathered.sources),
    }
    figures = {
        "budget_usd": campaign.budget_usd,
        "planned_usd": round(spent, 2),
        "unspent_usd": round(campaign.budget_usd - spent, 2),
        **_weighted_rates(joined.tracts),
    }
    return Run(
        id=run_id,
        created_at=dt.datetime.now(dt.UTC),
        campaign=campaign,
        data_date=report.data_date,
        inputs=gathered.sources,
        counts=counts,
        figures=figures,
        join_report=report.to_manifest(),
        timings_seconds=seconds,
        summary=_summarise(campaign, report, counts, figures),
        notes=tuple(dict.fromkeys(source.note for source in gathered.sources if source.note)),
        versions=installed_versions(*_VERSIONS),
    )


def _weighted_rates(tracts: pd.DataFrame) -> dict[str, float]:
    """Return the rate over all tracts, weighted with households and with housing units, as far as those are known."""
    rates = {}
    for unit in ("households", "housing_units"):
        try:
            rates[f"rate_by_{unit}_share"] = round(weighted_rate(tracts, f"{unit}_count").share, 6)
        except NothingThere:
            continue
    return rates


def _summarise(
    campaign: Campaign, report: JoinReport, counts: dict[str, int | float], figures: dict[str, float]
) -> dict[str, str]:
    """Put the run into a few sentences: tracts in and out, rate, targets, requests."""
    kinds = {
        "with a rate and a polygon": len(report.matched),
        "with a rate but no polygon": len(report.without_polygon),
        "without a rate": len(report.rateless),
        "of water": len(report.water),
    }
    tracts = ", ".join(f"{number:,} {kind}" for kind, number in kinds.items() if number)
    predictors = f"{len(report.rated_without_predictor):,} rated tracts without a predictor"
    rates = [
        f"{figures[f'rate_by_{unit}_share']:.2%} weighted by {unit.replace('_', ' ')}".replace("%", " %")
        for unit in ("households", "housing_units")
        if f"rate_by_{unit}_share" in figures
    ]
    return {
        "Tracts": f"{counts['tracts_offered']:,} in, {counts['tracts']:,} out: {tracts}; {predictors}",
        "Rate": f"{', '.join(rates) or 'not known, no households'}; the goal is {campaign.goal_percent:g} %",
        "Targets": f"{counts['targets']:,} tracts for {figures['planned_usd']:,.2f} of {figures['budget_usd']:,.2f} USD"
        f" at a CPM of {campaign.cpm_usd:.2f} USD; {figures['unspent_usd']:,.2f} USD stay unspent",
        "Asked": f"{counts['requests']:,} requests to the services",
    }
