"""Measure what the ads of a test did, by the method of its plan."""

import datetime as dt
import math
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from flows.steps.delivering.activity import warn_activity
from flows.steps.folders import build_folder
from flows.steps.measuring.delivered import LEAST_TOLD, DeliveredDoses, read_doses
from flows.steps.measuring.flight import (
    Looks,
    WindowEffect,
    choose_seed,
    choose_window,
    estimate_effect,
    find_before,
    read_looks,
    read_rates,
)
from flows.steps.measuring.readout import RECORD, register_result
from flows.steps.measuring.tested_run import (
    find_tested,
    measure_days,
    read_test,
    sum_planned,
)
from models.trial.cost import price_responses
from models.trial.effect import METHOD, Effect
from models.trial.readout.dose import METHOD as DOSE_METHOD
from models.trial.readout.dose import OBSERVED_METHOD
from models.trial.readout.looks import METHOD as LOOKS_METHOD
from models.trial.readout.placebo_arms import METHOD as SPLITS_METHOD
from models.trial.readout.spillover import METHOD as SPILL_METHOD
from models.trial.readout.trimmed_match import METHOD as TRIMMED_METHOD
from outreach import __version__
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.catalog import list_languages
from outreach.errors import ModelError
from outreach.phrasing import write_date, write_percent
from outreach.reports.pages.trial.effect import write_effect_pages
from outreach.reports.text.result_parts import (
    Claim,
    DeliveredEffect,
    LookReading,
    ObservedDose,
    PlaceboSplits,
    ReportedClaim,
    Span,
    SpillOver,
    TrimmedMatch,
    WindowEstimate,
)
from outreach.reports.text.test_result import Readout
from outreach.settings import Settings
from outreach.store import Store, list_versions

#: Name of the table of estimates.
_TABLE = "effect.csv"


def measure_test(
    settings: Settings, run_name: str = "", *, so_far: bool = False, spent_usd: float | None = None
) -> tuple[Readout, Path]:
    """Measure what the ads of a run's test did, and write it to ``measurements/<run id>/``.

    The folder gets ``effect.json``, ``effect.csv``, and ``effect.html`` in each language.

    Parameters
    ----------
    run_name
        A run's id or part of one, as :func:`flows.steps.measuring.tested_run.find_tested` takes it.
    so_far
        If the flight is not over in the archive, read out provisionally at the last look that the
        plan states, without a p-value or a verdict.
    spent_usd
        Cost of the ads; by default what imported reports say, with the campaign's fees. Without
        reports it is what the run planned for the treated units, and before the end of the flight
        the part of it that belongs to the days so far.

    Raises
    ------
    StoreError
        The run has no plan, the plan was changed, or the run that drew the arms is missing.
    NothingThere
        The flight is not over in the archive, or days are missing.
    ModelError
        The arms cannot be drawn again or were drawn after the flight began, the money is not a
        positive amount, or there are too few units to compare.
    """
    if spent_usd is not None and not 0 < spent_usd < math.inf:
        raise ModelError(
            f"The money spent is {spent_usd}.", "Use US dollars above 0, or leave it out."
        )
    store = Store(settings.runs_folder)
    run = find_tested(store, run_name)
    test = read_test(store, run)

    # Compare the arms over the flight, and over a window of the same length before it.
    rates = read_rates(Archive(settings.archive_folder, run.campaign.census_year), test)
    days = pd.DatetimeIndex(rates.columns)
    window = choose_window(days, test.plan, so_far=so_far)
    doses = read_doses(store, settings.home, run, test, window[1].date())
    dose = doses.dose if doses is not None and doses.is_told else None
    looks = read_looks(rates, test, *window)
    flight = estimate_effect(rates, test, *window, is_checked=True, dose=dose, looks=looks)
    start = find_before(days, flight.first, flight.last)
    placebo = None if start is None else estimate_effect(rates, test, start, flight.first)
    provisional = flight.last.date() <= test.plan.flight_end

    planned_usd, notes = sum_planned(store, run, test)
    days_share = measure_days(test.plan, flight.last.date())
    is_reported = spent_usd is not None or doses is not None
    if spent_usd is None:
        spent_usd = planned_usd * days_share if doses is None else doses.spent_usd
    responses = _span(flight.effect, flight.treated_count, 2)
    readout = Readout(
        run_id=run.id,
        design_run_id=test.drawn_by,
        campaign=test.plan.campaign,
        plan_digest=test.digest,
        made_at=dt.datetime.now(dt.UTC),
        flight_start=test.plan.flight_start,
        flight_end=test.plan.flight_end,
        provisional=provisional,
        outcome=test.plan.outcome,
        plan_method=test.plan.method,
        method=METHOD,
        permutations_count=flight.effect.permutations_count,
        permutation_seed=choose_seed(test.plan),
        confidence=flight.effect.confidence,
        flight=_make_reading(flight, withheld=provisional),
        placebo=_make_reading(placebo) if placebo else None,
        trimmed=_make_check(flight),
        splits=_make_splits(flight),
        spill=_make_spill(flight, withheld=provisional),
        delivered=_make_delivered(flight, doses),
        observed=_make_observed(flight),
        claim=_make_claim(run.campaign),
        reported=_make_reported(doses),
        looks=_make_looks(looks),
        looks_method=LOOKS_METHOD if looks else "",
        treated_households_count=round(flight.treated_count, 2),
        responses=responses,
        spent_usd=round(spent_usd, 2),
        spend_reported=is_reported,
        flight_share=round(days_share, 6),
        cost_usd=_price_responses(spent_usd, responses),
        mde_share=test.plan.mde_share,
        units_count=flight.units_count,
        tracts_count=len(rates) - len(flight.left_out_tracts),
        left_out_units=flight.left_out_units,
        left_out_tracts=flight.left_out_tracts,
        notes=(
            *notes,
            *_describe_left_out(flight),
            *_describe_untold(doses),
            *warn_activity(store, settings.home, run, test),
            *test.plan.warnings,
        ),
        versions=list_versions("numpy", "pandas", "scipy") | {"outreach": __version__},
    )
    folder = settings.home / "measurements" / run.id
    with build_folder(folder, _is_ours) as building:
        (building / RECORD).write_text(readout.canonical_json() + "\n", encoding="utf-8")
        readout.tabulate().to_csv(building / _TABLE, index=False)
        for name, page in write_effect_pages(readout, list_languages()):
            (building / name).write_text(page, encoding="utf-8")
    if not provisional:
        register_result(store, readout)
    return readout, folder


def _is_ours(name: str) -> bool:
    """Return whether a file of a measurement's folder is one that a measurement consists of."""
    return name in {RECORD, _TABLE} or (name.startswith("effect.") and name.endswith(".html"))


def _price_responses(spent_usd: float, responses: Span) -> Span:
    """Return what an additional response cost, with its range."""
    cost = price_responses(
        spent_usd, responses.low or 0.0, responses.middle or 0.0, responses.high or 0.0
    )
    return Span(low=cost.low_usd, middle=cost.middle_usd, high=cost.high_usd)


def _describe_left_out(window: WindowEffect) -> list[str]:
    """Say what has no rate on one of the two dates."""
    notes = []
    if window.left_out_tracts:
        dates = f"{write_date(window.first)} or {write_date(window.last)}"
        notes.append(
            f"{len(window.left_out_tracts):,} tracts without a rate on {dates} are left out;"
            " effect.json names them."
        )
    if window.left_out_units:
        notes.append(
            f"{len(window.left_out_units):,} units have no tract with a rate on both dates and"
            " weigh nothing."
        )
    return notes


def _make_reading(window: WindowEffect, *, withheld: bool = False) -> WindowEstimate:
    """Return a window's estimate as the readout has it."""
    return WindowEstimate(
        first=window.first.date(),
        last=window.last.date(),
        effect=_span(window.effect, 1.0, 8),
        p_value=None if withheld else round(window.effect.p_value, 6),
        standard_error_share=round(window.effect.standard_error_share, 8),
    )


def _round_span(low: float, middle: float, high: float) -> Span:
    """Return shares as the readout has them; infinite ends become ``None``."""
    shares = (low, middle, high)
    low_share, middle_share, high_share = (
        round(share, 8) if math.isfinite(share) else None for share in shares
    )
    return Span(low=low_share, middle=middle_share, high=high_share)


def _make_check(window: WindowEffect) -> TrimmedMatch | None:
    """Return a window's trimmed match as the readout has it."""
    trimmed = window.trimmed
    if trimmed is None:
        return None
    shares = (trimmed.low_share, trimmed.estimate_share, trimmed.high_share)
    return TrimmedMatch(
        effect=_round_span(*shares),
        blocks_count=trimmed.blocks_count,
        trimmed_count=trimmed.trimmed_count,
        method=TRIMMED_METHOD,
    )


def _make_splits(window: WindowEffect) -> PlaceboSplits | None:
    """Return what splits of the held-out units find, as the readout has it."""
    splits = window.splits
    if splits is None:
        return None
    shares = (splits.low_share, splits.middle_share, splits.high_share)
    return PlaceboSplits(
        effect=_round_span(*shares),
        found_share=round(splits.found_share, 6),
        is_sound=splits.is_sound,
        splits_count=splits.splits_count,
        units_count=splits.units_count,
        method=SPLITS_METHOD,
    )


def _make_spill(window: WindowEffect, *, withheld: bool) -> SpillOver | None:
    """Return a window's spill-over as the readout has it."""
    spill = window.spill
    if spill is None:
        return None
    shares = (spill.low_share, spill.estimate_share, spill.high_share)
    return SpillOver(
        effect=_round_span(*shares),
        p_value=None if withheld else round(spill.p_value, 6),
        method=SPILL_METHOD,
    )


def _make_delivered(window: WindowEffect, doses: DeliveredDoses | None) -> DeliveredEffect | None:
    """Return a window's estimate by delivery as the readout has it."""
    effect = window.delivered
    if effect is None or doses is None:
        return None
    shares = (effect.low_share, effect.estimate_share, effect.high_share)
    return DeliveredEffect(
        effect=_round_span(*shares),
        contrast_share=round(effect.contrast, 6),
        leak_share=round(doses.leak_share, 6),
        told_share=round(doses.told_share, 6),
        imports_count=doses.imports_count,
        method=DOSE_METHOD,
    )


def _make_observed(window: WindowEffect) -> ObservedDose | None:
    """Return the comparison of units with ads by dose as the readout has it."""
    effect = window.observed
    if effect is None:
        return None
    shares = (effect.low_share, effect.estimate_share, effect.high_share)
    return ObservedDose(effect=_round_span(*shares), method=OBSERVED_METHOD)


def _make_claim(campaign: Campaign) -> Claim | None:
    """Return what the vendor says, as the campaign declared it before the flight."""
    return None if campaign.claim is None else Claim(**campaign.claim.model_dump())


def _make_reported(doses: DeliveredDoses | None) -> tuple[ReportedClaim, ...]:
    """Return what platforms claim in their reports as the readout has it."""
    claims = () if doses is None else doses.claims
    return tuple(ReportedClaim(**asdict(claim) | {"usd": round(claim.usd, 4)}) for claim in claims)


def _make_looks(looks: Looks | None) -> tuple[LookReading, ...]:
    """Return the looks so far, and the end after the flight, as the readout has them."""
    return tuple(
        LookReading(
            planned=look.planned,
            last=look.last.date(),
            estimate_share=round(look.estimate_share, 8),
            boundary_share=round(look.boundary_share, 8),
            spent_share=round(look.spent_share, 8),
        )
        for look in (looks.stages if looks else ())
    )


def _describe_untold(doses: DeliveredDoses | None) -> list[str]:
    """Say why reports lead to no estimate by delivery."""
    if doses is None or doses.is_told:
        return []
    told, least = write_percent(doses.told_share), write_percent(LEAST_TOLD)
    sentence = (
        f"Reports say of {told} of the ads where they were shown, so there is no estimate by"
        f" delivery; it takes {least}."
    )
    return [sentence]


def _span(effect: Effect, factor: float, digits: int) -> Span:
    """Return an effect with its range, multiplied by a factor."""
    low, middle, high = (
        round(factor * share, digits)
        for share in (effect.low_share, effect.estimate_share, effect.high_share)
    )
    return Span(low=low, middle=middle, high=high)
