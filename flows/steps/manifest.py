"""Recording: the manifest of a run, and its figures in sentences."""

import datetime as dt
import math

import pandas as pd

from flows.steps.gather import Gathered
from flows.steps.join import Joined
from flows.steps.plan import Plan
from geo.join import measure_rate
from geo.join_report import JoinReport
from models.assess import Assessment
from models.targeting.reference_lists import Lists
from outreach.campaign import Campaign
from outreach.errors import NothingThere
from outreach.rates import average_rate
from outreach.store import Run, list_versions
from outreach.tables import GeoDataFrame, Tracts

#: So many drivers of the expectation stand in the summary.
_LEADING = 3
_VERSIONS = ("census", "folium", "geopandas", "pandas", "prefect", "scikit-learn", "shapely")


def make_manifest(
    run_id: str,
    campaign: Campaign,
    gathered: Gathered,
    joined: Joined,
    assessment: Assessment,
    plan: Plan,
    lists: Lists,
    seconds: dict[str, float],
) -> Run:
    """Write down what was asked, what went in and what came out.

    Parameters
    ----------
    seconds
        How long each step took.
    """
    report, targets = joined.report, plan.targets
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
        "unspent_usd": max(0.0, round(campaign.budget_usd - spent, 2)),
        **_weighted_rates(joined.tracts),
        **_forecast_rate(joined.tracts, assessment),
    }
    return Run(
        id=run_id,
        created_at=dt.datetime.now(dt.UTC),
        campaign=campaign,
        data_date=report.data_date,
        inputs=gathered.sources,
        counts=counts,
        figures=figures | ({"list_before": plan.list_before} if plan.list_before else {}),
        join_report=report.to_manifest(),
        assessment=assessment.provenance,
        timings_seconds=seconds,
        summary=_summarise(campaign, report, counts, figures)
        | _explain_forecast(assessment)
        | {"Lists": f"{lists.lines()[0]} lists.csv has them beside the priority"},
        notes=tuple(
            dict.fromkeys(
                [
                    *(source.note for source in gathered.sources if source.note),
                    *assessment.notes,
                    *plan.notes,
                    *_explain_empty(campaign, joined, targets),
                ]
            )
        ),
        versions=list_versions(*_VERSIONS),
    )


def _explain_empty(campaign: Campaign, joined: Joined, targets: pd.DataFrame) -> list[str]:
    """Say why there is not one target, if there is none."""
    if len(targets):
        return []
    below = int((joined.tracts["cumulative_share"] < campaign.goal_share).sum())
    if not below:
        return [
            f"There is no target: every tract has reached the goal of {campaign.goal_percent:g} %."
        ]
    languages = ", ".join(campaign.creative_languages)
    money = f"the budget of {campaign.budget_usd:,.2f} USD pays for none of them"
    return [
        f"There is no target, though {below:,} tracts are below the goal: {money}, or ads in {languages} reach no household."
    ]


def _weighted_rates(tracts: GeoDataFrame[Tracts]) -> dict[str, float]:
    """Return the rate over all tracts, weighted with households and with housing units, as far as those are known."""
    rates = {}
    for unit in ("households", "housing_units"):
        try:
            rates[f"rate_by_{unit}_share"] = round(measure_rate(tracts, f"{unit}_count").share, 6)
        except NothingThere:
            continue
    return rates


def _forecast_rate(tracts: pd.DataFrame, assessment: Assessment) -> dict[str, float]:
    """Return the forecast of the area at the deadline, weighted with households."""
    if assessment.forecast is None:
        return {}
    forecast = assessment.forecast["final_share"]
    share = average_rate(forecast, tracts["households_count"].reindex(forecast.index))
    return {} if math.isnan(share) else {"forecast_by_households_share": round(share, 6)}


def _summarise(
    campaign: Campaign,
    report: JoinReport,
    counts: dict[str, int | float],
    figures: dict[str, float],
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
        f"{figures[f'rate_by_{unit}_share']:.2%} weighted by {unit.replace('_', ' ')}".replace(
            "%", " %"
        )
        for unit in ("households", "housing_units")
        if f"rate_by_{unit}_share" in figures
    ]
    return {
        "Tracts": f"{counts['tracts_offered']:,} in, {counts['tracts']:,} out: {tracts}; {predictors}",
        "Rate": f"{', '.join(rates) or 'not known, no households'}; the goal is {campaign.goal_percent:g} %",
        "Forecast": _say_forecast(campaign, figures),
        "Targets": f"{counts['targets']:,} {campaign.units.kind} for {figures['planned_usd']:,.2f} of {figures['budget_usd']:,.2f} USD"
        f" at {_say_prices(campaign)}; {figures['unspent_usd']:,.2f} USD stay unspent",
        "Asked": f"{counts['requests']:,} requests to the services",
    }


def _explain_forecast(assessment: Assessment) -> dict[str, str]:
    """Say what the forecast is blended from, and what the expectation rests on most."""
    told = {}
    if assessment.forecast is not None:
        facts = assessment.provenance
        told["Weights"] = (
            f"{facts['forecast_weights']} of the forecast, from {facts['forecast_weights_from']}"
        )
    if assessment.importance is not None:
        table = assessment.importance
        leading = table[table["verdict"] == "matters"].head(_LEADING)
        named = [
            f"{driver} ({points:.1f} points)"
            for driver, points in zip(leading.index, leading["loss_points"], strict=True)
        ]
        told["Drivers"] = (
            f"{', '.join(named) or 'none stands out'}; drivers.csv says how much worse the expectation is without each"
        )
    return told


def _say_prices(campaign: Campaign) -> str:
    """Say what 1,000 impressions cost, by channel where the campaign names some."""
    fees = f" and fees of {campaign.fee_percent:g} %"
    if not campaign.channels:
        return f"a CPM of {campaign.cpm_usd:.2f} USD{fees}"
    return (
        "CPMs of "
        + ", ".join(f"{each.cpm_usd:.2f} USD ({each.name})" for each in campaign.channels)
        + fees
    )


def _say_forecast(campaign: Campaign, figures: dict[str, float]) -> str:
    """Say what the rate will be if nothing changes; a forecast is never the goal."""
    share = figures.get("forecast_by_households_share")
    if share is None:
        return "none, see the notes"
    day = f"{campaign.deadline.day} {campaign.deadline:%B %Y}"
    return f"{100 * share:.1f} % by {day} if nothing changes, weighted by households; ranges stand with each tract"
