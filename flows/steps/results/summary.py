"""Summarize a run in figures and sentences."""

import math

import pandas as pd

from flows.steps.buying.budget import SplitBudget
from flows.steps.buying.saturation import describe_saturation
from geo.join import measure_rate
from geo.join_report import JoinReport
from models.assess import Assessment
from models.curves.area_range import AreaForecast
from models.targeting.objectives import ObjectiveLists
from models.targeting.reference_lists import Lists
from models.trial.plan import TrialPlan, warn_of_test
from outreach.campaign import Campaign
from outreach.errors import NothingThere
from outreach.phrasing import write_count, write_date, write_dollars, write_percent, write_points
from outreach.rates import average_rate
from outreach.tables import DataFrame, GeoDataFrame, Targets, Tracts
from outreach.units import name_kind

#: How many drivers of the peer expectation the summary names.
_LEADING = 3


def measure_figures(
    campaign: Campaign,
    tracts: GeoDataFrame[Tracts],
    targets: DataFrame[Targets],
    forecast: pd.DataFrame | None,
) -> dict[str, float]:
    """Return the money of a run, its rates (0-1), and its forecast (0-1), as far as available."""
    spent = float(targets["budget_usd"].sum())
    figures = {
        "budget_usd": campaign.budget_usd,
        "planned_usd": round(spent, 2),
        "unspent_usd": max(0.0, round(campaign.budget_usd - spent, 2)),
    }

    figures |= measure_rates(tracts)
    if forecast is not None:
        final = forecast["final_share"]
        share = average_rate(final, tracts["households_count"].reindex(final.index))
        if not math.isnan(share):
            figures["forecast_by_households_share"] = round(share, 6)
        elif len(final):
            figures["forecast_by_tracts_share"] = round(float(final.mean()), 6)
    return figures


def measure_rates(tracts: GeoDataFrame[Tracts]) -> dict[str, float]:
    """Return the rate of all tracts by each weight, and the share of the tracts that it covers.

    Without any count of households, the mean of the tracts stands for it.
    """
    figures, rated = {}, tracts["cumulative_share"].dropna()
    for unit in ("households", "housing_units"):
        try:
            rate = measure_rate(tracts, f"{unit}_count")
        except NothingThere:
            continue
        figures[f"rate_by_{unit}_share"] = round(rate.share, 6)
        figures[f"rate_by_{unit}_tracts_share"] = round(rate.tracts_count / len(rated), 6)
    if "rate_by_households_share" not in figures:
        figures["rate_by_tracts_share"] = round(float(rated.mean()), 6)
    return figures


def summarize_run(
    campaign: Campaign,
    report: JoinReport,
    counts: dict[str, int | float],
    figures: dict[str, float],
    assessment: Assessment,
    lists: Lists,
    objectives: ObjectiveLists,
    budget: SplitBudget | None = None,
) -> dict[str, str]:
    """Return a title and a sentence for each result, from tracts and rate to the lists."""
    return {
        "Tracts": _describe_tracts(report, counts),
        "Rate": (
            f"{describe_rate(figures, int(counts['rated']))}; the goal is"
            f" {campaign.goal_percent:g}%"
        ),
        "Forecast": _describe_forecast(campaign, figures, assessment.area),
        "Targets": (
            f"{_count_funded(counts)} {name_kind(campaign.units.kind)} for"
            f" {write_dollars(figures['planned_usd'], cents=True)} of"
            f" {write_dollars(figures['budget_usd'], cents=True)} at {_describe_prices(campaign)};"
            f" {write_dollars(figures['unspent_usd'], cents=True)} stays unspent"
        ),
        "Objective": objectives.describe(),
        **_describe_money(budget),
        "Requests": f"{counts['requests']:,} to the services",
        **_explain_forecast(assessment),
        "Lists": f"{lists.lines()[0]} lists.csv has them beside the priority",
    }


def describe_trial(plan: TrialPlan | None) -> dict[str, str]:
    """Say in the summary whether and when the test can be read out; empty without a test."""
    if plan is None:
        return {}
    days = f"ads from {write_date(plan.flight_start)} to {write_date(plan.flight_end)}"
    weakness = warn_of_test(plan)
    after = f". {weakness}" if weakness else ""
    if plan.obstacle:
        return {"Test": f"{days}; it cannot be read out. {plan.obstacle} {plan.remedy}"}
    if plan.mde_share is None:
        return {"Test": f"{days}; which effect it can detect is not known, see the notes{after}"}
    return {"Test": f"{days}; it can detect an effect of {write_points(plan.mde_share, 2)}{after}"}


def _describe_money(budget: SplitBudget | None) -> dict[str, str]:
    """Say who pays whom, how often a reached household sees ads, and where money saturates."""
    if budget is None:
        return {}
    cells = budget.by_channel
    media_usd, fee_usd = float(cells["media_usd"].sum()), float(cells["fee_usd"].sum())
    sentences = []
    for channel, bought in cells.groupby("channel", sort=False):
        reached = float(bought["reached_households_count"].sum())
        seen = (bought["reached_households_count"] * bought["ads_per_reached_household"]).sum()
        if reached:
            sentences.append(
                f"{seen / reached:.1f} ads for each of the {reached:,.0f} households that"
                f" {channel} reaches"
            )
    return {
        "Money": (
            f"{write_dollars(media_usd, cents=True)} of media in the files of platforms, and"
            f" {write_dollars(fee_usd, cents=True)} of fees on top"
        ),
        "Exposure": "; ".join(sentences) or "no household is reached",
        "Saturation": describe_saturation(budget.saturation),
    }


def _count_funded(counts: dict[str, int | float]) -> str:
    """Write how many units get money, and of how many if others are listed without."""
    funded, listed = counts["funded"], counts["targets"]
    return f"{funded:,}" if funded == listed else f"{funded:,} of {listed:,}"


def _describe_tracts(report: JoinReport, counts: dict[str, int | float]) -> str:
    """Say how many tracts went in and came out, by what they lack."""
    kinds = {
        "with a rate and a polygon": len(report.matched),
        "with a rate but no polygon": len(report.without_polygon),
        "without a rate": len(report.rateless),
        "of water": len(report.water),
    }
    parts = ", ".join(f"{number:,} {kind}" for kind, number in kinds.items() if number)
    return (
        f"{counts['tracts_offered']:,} in, {counts['tracts']:,} out: {parts};"
        f" {len(report.rated_without_predictor):,} rated tracts without a predictor"
    )


def describe_rate(figures: dict[str, float], rated: int) -> str:
    """Write the rate by each weight, and which part of the rated tracts it covers."""
    rates = []
    for unit in ("households", "housing_units"):
        if f"rate_by_{unit}_share" not in figures:
            continue
        rate = write_percent(figures[f"rate_by_{unit}_share"], 2)
        part = figures[f"rate_by_{unit}_tracts_share"]
        extent = (
            f"all {write_count(rated, 'rated tract')}"
            if part == 1
            else f"{part * rated:,.0f} of {write_count(rated, 'rated tract')}"
            f" ({write_percent(part, 1)}), because no source has the others"
        )
        rates.append(f"{rate} weighted by {unit.replace('_', ' ')} over {extent}")
    if "rate_by_tracts_share" in figures:
        rate = write_percent(figures["rate_by_tracts_share"], 2)
        rates.append(
            f"{rate} over {write_count(rated, 'rated tract')}, each counted alike because no source"
            " counts their households"
        )
    return ", ".join(rates)


def _describe_forecast(
    campaign: Campaign, figures: dict[str, float], area: AreaForecast | None
) -> str:
    """Say what the rate will be if nothing changes. A forecast is never the goal."""
    weight = "weighted by households"
    share = figures.get("forecast_by_households_share")
    if share is None:
        weight = "each tract counted alike because no source counts their households"
        share = figures.get("forecast_by_tracts_share")
    if share is None:
        return "none; see the notes"
    together = ""
    if area is not None:
        low, high = area.bounds[80]
        together = (
            f"; the 80% range of the area as a whole is {write_percent(low, 1)} to"
            f" {write_percent(high, 1)}"
        )
    return (
        f"{write_percent(share, 1)} by {write_date(campaign.deadline)} if nothing changes, {weight}"
        f"{together}; the range of each tract is its own and includes it"
    )


def _explain_forecast(assessment: Assessment) -> dict[str, str]:
    """Say what the forecast is blended from, and what drives the peer expectation most."""
    sentences = {}
    facts = assessment.provenance
    if "forecast_weights" in facts:
        sentences["Weights"] = (
            f"{facts['forecast_weights']} of the forecast, from {facts['forecast_weights_from']}"
        )
    if assessment.importance is not None:
        drivers = assessment.importance
        leading = drivers[drivers["verdict"] == "matters"].head(_LEADING)
        names = [
            f"{driver} ({points:.1f} points)"
            for driver, points in zip(leading.index, leading["loss_points"], strict=True)
        ]
        sentences["Drivers"] = (
            f"{', '.join(names) or 'none stands out'}; drivers.csv says how much worse the peer"
            " expectation is without each"
        )
    return sentences


def _describe_prices(campaign: Campaign) -> str:
    """Say what 1,000 impressions cost, by channel if the campaign names any."""
    fees = f" and fees of {campaign.fee_percent:g}%"
    if not campaign.channels:
        return f"a CPM of {write_dollars(campaign.cpm_usd, cents=True)}{fees}"
    prices = ", ".join(
        f"{write_dollars(channel.cpm_usd, cents=True)} ({channel.name})"
        for channel in campaign.channels
    )
    return f"CPMs of {prices}{fees}"
