"""Hold a decision after a test: what was known, what was weighed, who decided what."""

import datetime as dt

from pydantic import BaseModel, ConfigDict

from outreach.reports.data.pooled import EffectRange


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WeighedOption(_Strict):
    """What an option is expected to bring: responses with their 80% range, gain, and regret."""

    option: str
    responses_count: float
    low_count: float
    high_count: float
    gain_usd: float
    regret_usd: float


class DecisionMemo(_Strict):
    """A decision about the next weeks' money: the content of ``decision.json``.

    Parameters
    ----------
    campaign, run_id, plan_digest
        The campaign, the run whose test was read out, and the hash of the test's plan.
    decided_at, by, choice, reason
        When, who decided what, and why in that person's words.
    result
        The test's estimate with its range.
    confidence
        Of that range, 0-1.
    households_per_usd
        Households in units with ads for each dollar spent.
    spend_reported
        Whether a person reported what was spent (or it is as planned).
    money_usd, worth_usd, other_cost_usd
        The money, what one more response is worth, what one costs by other means (``None`` if not
        stated).
    prior
        The prior and its sources, in words.
    mean_share, low_share, high_share
        The effect after prior and test, with its 80% range, 0-1.
    chance_worth_share, break_even_share
        Probability that a response costs less than it is worth, and the effect where it costs as
        much.
    options
        What was weighed, the largest expected gain first.
    versions
        Versions of the service and of the libraries behind the figures.
    """

    campaign: str
    run_id: str
    plan_digest: str
    decided_at: dt.datetime
    by: str
    choice: str
    reason: str
    result: EffectRange
    confidence: float
    households_per_usd: float
    spend_reported: bool
    money_usd: float
    worth_usd: float
    other_cost_usd: float | None
    prior: str
    mean_share: float
    low_share: float
    high_share: float
    chance_worth_share: float
    break_even_share: float
    options: tuple[WeighedOption, ...]
    versions: dict[str, str]
