"""Hand out the result of a test for other cities, and combine results of several."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from flows.steps.folders import build_folder
from flows.steps.measuring.readout import find_readout
from flows.steps.measuring.tested_run import find_tested, read_test
from models.trial.plan import TrialPlan
from models.trial.readout.pool import PooledEffect, leave_each_out, pool_effects
from outreach import __version__
from outreach.campaign.looks import find_share
from outreach.catalog import read_all
from outreach.errors import ModelError, NothingThere
from outreach.files import read_record
from outreach.reports.data.pooled import (
    CityPart,
    CityResult,
    EffectRange,
    PooledReadout,
    SharedDesign,
    write_canonical,
)
from outreach.reports.pages.trial.pooled import tabulate_cities, write_pooled_pages
from outreach.reports.text.test_result import Readout
from outreach.settings import Settings
from outreach.spreadsheet import write_csv
from outreach.store import Store, list_versions

_RECORD, _TABLE = "pooled.json", "pooled.csv"
_DESIGN_NAMES = {
    "outcome": "outcome",
    "method": "method",
    "unit_kind": "kind of units",
    "holdout_percent": "share held out, percent,",
    "days_count": "number of days of the flight",
    "confidence": "confidence of the range",
    "protocol": "protocol",
    "looks": "list of looks, as shares of the flight,",
}


def make_city_result(settings: Settings, run_name: str = "", city: str = "") -> CityResult:
    """Return the final result of a run's test in the form that cities exchange.

    Parameters
    ----------
    settings
        Where runs and results are.
    run_name
        A run's id or part of one, as :func:`flows.steps.measuring.tested_run.find_tested` takes it.
    city
        The name under which the city takes part; by default the campaign's.

    Raises
    ------
    StoreError, ModelError
        The run has no test, or its plan was changed.
    NothingThere
        The test has no final result yet.
    """
    store = Store(settings.runs_folder)
    run = find_tested(store, run_name)
    test = read_test(store, run)
    readout = find_readout(settings.home, store, run.id)
    if readout is None:
        raise NothingThere(
            f"The test of {run.id} has no final result yet.",
            f"Read it out after its flight with: outreach measure {run.id}",
        )
    return _write_result(readout, test.plan, city or run.campaign.name)


def pool_results(
    files: Sequence[Path], into: Path, *, accept_unlike: bool = False
) -> tuple[PooledReadout, list[str]]:
    """Combine the results files of several cities into a page, a table, and a record.

    Parameters
    ----------
    files
        Files of :func:`make_city_result`, one for each city.
    into
        The folder to write: ``pooled.html`` (with its twin in each language), ``pooled.csv``,
        ``pooled.json``.
    accept_unlike
        Combine results of different designs, and say how they differ.

    Raises
    ------
    ModelError
        A file is no result, a city or a test stands twice, there are fewer than two, or designs
        differ and nobody accepted that.
    StoreError
        The folder cannot be written, or holds something else.

    Returns
    -------
    PooledReadout
        What the cities found together.
    list of str
        Names of the files in the folder.
    """
    todo = "Ask that city to write it again with: outreach pool export"
    results = [
        read_record(file, CityResult, "results file", todo, ModelError, strict=True)
        for file in files
    ]
    _check_tests(results)
    unlike = _compare_designs(results)
    if unlike and not accept_unlike:
        raise ModelError(
            f"The cities did not run the same test. {unlike[0]}",
            "Leave out the one that differs, or combine them anyway with --accept-unlike.",
        )
    readout = _pool(results, unlike)
    pages = write_pooled_pages(readout, read_all())
    table = write_csv(tabulate_cities(readout))
    contents = {_RECORD: readout.canonical_json() + "\n", _TABLE: table, **pages}
    with build_folder(into, set(contents).__contains__) as building:
        for name, content in contents.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            (building / name).write_bytes(data)
    return readout, sorted(contents)


def write_result_text(result: CityResult) -> str:
    """Return the text of a results file."""
    return write_canonical(result) + "\n"


def _write_result(readout: Readout, plan: TrialPlan, city: str) -> CityResult:
    """Take out of a readout what another city may see."""
    low, middle, high = readout.flight.effect.values()
    p_value = readout.flight.p_value
    assert p_value is not None  # only a provisional result has none
    return CityResult(
        city=city,
        design=SharedDesign(
            outcome=readout.outcome,
            method=readout.plan_method,
            unit_kind=plan.unit_kind,
            holdout_percent=round(100 * plan.holdout_share, 6),
            days_count=(readout.flight_end - readout.flight_start).days + 1,
            confidence=readout.confidence,
            protocol=plan.protocol,
            looks=tuple(
                round(find_share(look, plan.flight_start, plan.flight_end), 4)
                for look in plan.looks
            ),
        ),
        plan_digest=readout.plan_digest,
        flight_start=readout.flight_start,
        flight_end=readout.flight_end,
        measured_at=readout.made_at,
        estimate_share=middle,
        low_share=low,
        high_share=high,
        standard_error_share=readout.flight.standard_error_share,
        p_value=p_value,
        treated_households_count=readout.treated_households_count,
        units_count=readout.units_count,
        mde_share=readout.mde_share,
        spent_usd=readout.spent_usd,
        spend_reported=readout.spend_reported,
        versions=readout.versions,
    )


def _check_tests(results: Sequence[CityResult]) -> None:
    """Refuse a test that stands twice, under whatever name."""
    digests: dict[str, str] = {}
    for result in results:
        other = digests.setdefault(result.plan_digest, result.city)
        if other != result.city:
            raise ModelError(
                f"The results of {other} and {result.city} are of the same test.",
                "Give each test once.",
            )


def _compare_designs(results: Sequence[CityResult]) -> tuple[str, ...]:
    """Say how the designs of cities differ from the first one's, as far as both tell them."""
    if not results:
        return ()
    first = results[0]
    return tuple(
        f"The {name} of {first.city} is '{own}', that of {other.city} '{others}'."
        for other in results[1:]
        for field, name in _DESIGN_NAMES.items()
        if (own := _write_part(first.design, field)) is not None
        and (others := _write_part(other.design, field)) is not None
        and own != others
    )


def _write_part(design: SharedDesign, field: str) -> str | None:
    """Return one part of a design as text; ``None`` where the file does not tell it."""
    value = getattr(design, field)
    if isinstance(value, tuple):
        return ", ".join(f"{each:g}" for each in value) or "none"
    return None if value is None else str(value)


def _pool(results: Sequence[CityResult], unlike: tuple[str, ...]) -> PooledReadout:
    """Compute what the cities found together."""
    effects = pd.DataFrame(
        {
            "estimate_share": [result.estimate_share for result in results],
            "standard_error_share": [result.standard_error_share for result in results],
        },
        index=[result.city for result in results],
    )
    confidence = results[0].design.confidence if results else 0.95
    pooled = pool_effects(effects, confidence)
    without = leave_each_out(effects, confidence)
    parts = [
        CityPart(
            result=result,
            fixed_weight_share=fixed_weight,
            random_weight_share=random_weight,
            without_low_share=_keep_known(low),
            without_middle_share=_keep_known(middle),
            without_high_share=_keep_known(high),
        )
        for result, (fixed_weight, random_weight), (middle, low, high) in zip(
            results, pooled.weights.to_numpy(float), without.to_numpy(float), strict=True
        )
    ]
    return PooledReadout(
        made_at=dt.datetime.now(dt.UTC),
        confidence=confidence,
        fixed=_write_range(pooled.fixed),
        random=_write_range(pooled.random),
        spread_share=pooled.spread_share,
        heterogeneity_share=pooled.heterogeneity_share,
        heterogeneity_p_value=pooled.heterogeneity_p_value,
        cities=tuple(sorted(parts, key=lambda part: part.result.city)),
        unlike=unlike,
        versions=list_versions("numpy", "pandas", "scipy", "statsmodels")
        | {"outreach": __version__},
    )


def _write_range(effect: PooledEffect) -> EffectRange:
    """Return an effect as the record has it."""
    values = asdict(effect)
    del values["standard_error_share"]
    return EffectRange(**values)


def _keep_known(value: float) -> float | None:
    """Return a figure, or ``None`` where it is missing."""
    return None if math.isnan(value) else float(value)
