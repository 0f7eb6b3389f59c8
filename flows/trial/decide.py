"""Weigh the next weeks' money after a test, and keep who decided what and why."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path

from flows.steps.folders import build_folder
from flows.steps.measuring.readout import find_readout
from flows.steps.measuring.tested_run import find_tested
from models.trial.decision import PRIOR_EVIDENCE, Option, weigh_options
from outreach import __version__
from outreach.catalog import read_all
from outreach.errors import ModelError, NothingThere
from outreach.reports.data.decision import DecisionMemo, WeighedOption
from outreach.reports.data.pooled import EffectRange, write_canonical
from outreach.reports.pages.trial.decision import write_decision_pages
from outreach.reports.text.test_result import Readout
from outreach.settings import Settings
from outreach.store import Store, list_versions

_RECORD = "decision.json"


def weigh_decision(
    settings: Settings,
    run_name: str = "",
    *,
    money_usd: float,
    worth_usd: float,
    other_cost_usd: float | None = None,
) -> DecisionMemo:
    """Weigh going on, moving the money, and stopping; nobody has decided yet.

    Parameters
    ----------
    settings
        Where runs and results are.
    run_name
        A run's id or part of one, as :func:`flows.steps.measuring.tested_run.find_tested` takes it.
    money_usd, worth_usd, other_cost_usd
        The next weeks' money, what one more response is worth, and what one costs by other means.

    Raises
    ------
    NothingThere
        The test has no final result yet.
    ModelError
        Nothing was spent in the test, or its result has no standard error.
    """
    store = Store(settings.runs_folder)
    run = find_tested(store, run_name)
    readout = find_readout(settings.home, store, run.id)
    if readout is None:
        raise NothingThere(
            f"The test of {run.id} has no final result yet.",
            f"Read it out after its flight with: outreach measure {run.id}",
        )
    if not readout.spent_usd > 0 or not readout.flight.standard_error_share > 0:
        raise ModelError(
            f"The result of {run.id} does not say what its ads cost or how certain it is.",
            "Measure the test again and state the money with --spent.",
        )
    return _write_memo(readout, run.campaign.name, money_usd, worth_usd, other_cost_usd)


def keep_decision(
    settings: Settings, weighed: DecisionMemo, choice: str, by: str, reason: str
) -> tuple[DecisionMemo, Path]:
    """Write a decision memo to ``decisions/<run id>-<number>/``; earlier ones stay.

    Parameters
    ----------
    settings
        Where decisions are kept.
    weighed
        As :func:`weigh_decision` returns it.
    choice, by, reason
        One of the options weighed, the person who decides, and why.

    Raises
    ------
    ModelError
        The option was not weighed, or the name or the reason is missing.
    StoreError
        The folder cannot be written.
    """
    options = [option.option for option in weighed.options]
    if choice not in options:
        raise ModelError(
            f"'{choice}' was not weighed.",
            "To move the money, state with --other-cost what a response costs by other means."
            if choice == Option.MOVE
            else f"Choose one of {', '.join(options)}.",
        )
    if not by.strip() or not reason.strip():
        raise ModelError("A decision needs a name and a reason.", "Give --by and --reason.")
    memo = weighed.model_copy(
        update={
            "choice": choice,
            "by": by.strip(),
            "reason": reason.strip(),
            "decided_at": dt.datetime.now(dt.UTC),
        }
    )
    folder = settings.home / "decisions"
    number = 1
    while (folder / f"{memo.run_id}-{number}").exists():
        number += 1
    final = folder / f"{memo.run_id}-{number}"
    with build_folder(final) as building:
        (building / _RECORD).write_text(write_canonical(memo) + "\n", encoding="utf-8")
        for name, page in write_decision_pages(memo, read_all()).items():
            (building / name).write_text(page, encoding="utf-8")
    return memo, final


def _write_memo(
    readout: Readout,
    campaign: str,
    money_usd: float,
    worth_usd: float,
    other_cost_usd: float | None,
) -> DecisionMemo:
    """Return the memo before anybody has decided."""
    low, middle, high = readout.flight.effect.values()
    p_value = readout.flight.p_value
    assert p_value is not None  # only a provisional result has none
    households_per_usd = readout.treated_households_count / readout.spent_usd
    outlook = weigh_options(
        middle,
        readout.flight.standard_error_share,
        households_per_usd=households_per_usd,
        money_usd=money_usd,
        worth_usd=worth_usd,
        other_cost_usd=other_cost_usd,
    )
    return DecisionMemo(
        campaign=campaign,
        run_id=readout.run_id,
        plan_digest=readout.plan_digest,
        decided_at=dt.datetime.now(dt.UTC),
        by="",
        choice="",
        reason="",
        result=EffectRange(
            estimate_share=middle,
            low_share=low,
            high_share=high,
            p_value=p_value,
        ),
        confidence=readout.confidence,
        households_per_usd=households_per_usd,
        spend_reported=readout.spend_reported,
        money_usd=money_usd,
        worth_usd=worth_usd,
        other_cost_usd=other_cost_usd,
        prior=str(PRIOR_EVIDENCE),
        mean_share=outlook.mean_share,
        low_share=outlook.low_share,
        high_share=outlook.high_share,
        chance_worth_share=outlook.chance_worth_share,
        break_even_share=outlook.break_even_share,
        options=tuple(WeighedOption(**asdict(prospect)) for prospect in outlook.prospects),
        versions=list_versions("numpy") | {"outreach": __version__},
    )
