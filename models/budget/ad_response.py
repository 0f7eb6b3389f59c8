"""Estimate how many additional responses each advertising dollar wins.

A unit has ``P`` households, of which ``V`` are missing. A channel can reach the share ``M`` of
them at a price ``c`` per impression. A spend of ``s`` dollars then returns

    responses(s) = V M q E(g)        g = k s / (M P c)        E(g) = m (1 - exp(-g / m))

which is concave, rises from 0 and never exceeds ``V M q m``. ``g`` is how many ads an addressable
household sees on average: impressions that are seen (``k``) over addressable households. ``E`` is
how many of them count (:mod:`models.budget.exposure`): the first one as one, all of them as ``m``
at most. ``q = click * completion`` is the chance that a missing household answers to an ad that
counts. The same ``g`` gives the share of households reached and the ads that a reached one sees.

Missing households are taken to be as easy to reach as their neighbors. The channels of a unit add
up: a household that sees both may answer to either, which is an error of the order of ``q``, far
below 1%.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from models.budget.assumptions import Assumption, Case
from models.budget.channels import SET_BY_CAMPAIGN, AdChannel
from models.budget.exposure import reach_households
from outreach.arrays import Floats
from outreach.evidence import Evidence, Status
from outreach.tables import DataFrame, SpendUnits


def _assume(source: str) -> Evidence:
    """Return the evidence of a figure that is assumed."""
    return Evidence(status=Status.ASSUMED, source=source)


EFFICIENCY = Assumption(
    "impressions that are seen (1: random exposure without waste)", 0.7, 1.0, 1.0, "share",
    _assume("1 gives the knee of reach at 230 GRP (TVWeek: about 200); below 1 is waste"),
)  # fmt: skip
EXPOSURES = Assumption(
    "ads that count, of any number of them", 1, 3, 7, "impressions",
    _assume("effective frequency of Krugman and Naples"),
)  # fmt: skip
COMPLETION = Assumption(
    "clicks that end in a completed response", 0.01, 0.05, 0.15, "share",
    _assume("no public figure found: set your own; view-through is counted as 0"),
)  # fmt: skip
FEE = Assumption(
    "platform and agency fees on top of media", 0.0, 0.15, 0.30, "share",
    _assume("planning default"),
)  # fmt: skip


@dataclass(frozen=True)
class SpendCurves:
    """Expected responses by spend (USD), one concave curve per row.

    Parameters
    ----------
    ceiling
        Responses that no spend exceeds.
    rate
        How fast a curve rises, per USD: ``ceiling * (1 - exp(-rate * spend))``.
    """

    ceiling: Floats
    rate: Floats

    @cached_property
    def log_first(self) -> Floats:
        """Logarithm of the first dollar's marginal value; minus infinity if it wins nothing."""
        with np.errstate(divide="ignore"):
            return np.log(self.ceiling * self.rate)

    def responses(self, spend: Floats) -> Floats:
        """Return the expected additional responses at ``spend``."""
        return self.ceiling * -np.expm1(-(self.rate * spend))

    def marginal(self, spend: Floats) -> Floats:
        """Return the responses per USD that the next dollar wins at ``spend``."""
        return np.exp(self.log_marginal(spend))

    def log_marginal(self, spend: Floats) -> Floats:
        """Return the logarithm of the marginal value; the value itself may underflow to 0."""
        return self.log_first - self.rate * spend

    def spend_at(self, log_marginal: Floats | float) -> Floats:
        """Return the spend (USD) where the marginal value is ``exp(log_marginal)``.

        It is 0 where even the first dollar wins less.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            spend = -np.minimum(log_marginal - self.log_first, 0.0) / self.rate
        return np.where(self.log_first > log_marginal, spend, 0.0)


@dataclass(frozen=True, slots=True)
class ResponseCurve:
    """Turn impressions into responses, under assumptions that hold on every channel.

    Parameters
    ----------
    efficiency, exposures, completion, fee
        See the label and evidence of each default.
    """

    efficiency: Assumption = EFFICIENCY
    exposures: Assumption = EXPOSURES
    completion: Assumption = COMPLETION
    fee: Assumption = FEE

    def reach_share(
        self, impressions_per_household: Floats, addressable_share: Floats, case: Case = Case.MID
    ) -> Floats:
        """Return the share of households (0-1) that see at least one ad.

        Parameters
        ----------
        impressions_per_household
            Mean over all households, addressable or not.
        addressable_share
            Share of households that can see an ad at all, 0-1; the result never exceeds it.
        case
            Which values the assumptions have.
        """
        ceiling = np.asarray(addressable_share, dtype=float)
        per_addressable = np.divide(
            impressions_per_household, ceiling, out=np.zeros_like(ceiling), where=ceiling > 0
        )
        return ceiling * reach_households(self.efficiency.value(case) * per_addressable)

    def conversion_share(self, channel: AdChannel, case: Case = Case.MID) -> float:
        """Return ``q m``: the share of addressed missing households that any number of ads wins.

        It is never more than the completions of all, even if every ad is clicked.
        """
        clicking = min(1.0, channel.click_share.value(case) * self.exposures.value(case))
        return float(clicking * self.completion.value(case))

    def price_usd(self, channel: AdChannel, case: Case = Case.MID) -> float:
        """Return the price of one impression in USD, fees included."""
        return (
            channel.cpm_usd.value(case, costs=True) / 1000 * (1 + self.fee.value(case, costs=True))
        )

    def spend_curves(
        self, units: DataFrame[SpendUnits], channel: AdChannel, case: Case = Case.MID
    ) -> SpendCurves:
        """Return one curve for each row of ``units``.

        Parameters
        ----------
        units
            ``households_count``, ``missing_households_count``, ``addressable_share`` (online
            households, before the channel's penetration) and ``persuadable_share`` (of the
            missing households).
        channel, case
            Where, and under which assumptions.
        """
        households = units["households_count"].to_numpy(float)
        ceiling_share = units["addressable_share"].to_numpy(float) * channel.penetration.value(case)
        winnable = (units["missing_households_count"] * units["persuadable_share"]).to_numpy(float)

        addressed = households * ceiling_share
        usable = addressed > 0
        ceiling = np.where(
            usable, winnable * self.conversion_share(channel, case) * ceiling_share, 0.0
        )
        cost_usd = np.where(usable, addressed, 1.0) * self.price_usd(channel, case)
        fading = self.efficiency.value(case) / self.exposures.value(case)
        return SpendCurves(ceiling, fading / cost_usd)

    def list_assumptions(self, channels: Iterable[AdChannel]) -> pd.DataFrame:
        """Return every assumption as a row.

        Returns
        -------
        DataFrame
            ``channel`` (``all`` where it holds on each), ``assumption``, ``low``, ``mid``,
            ``high``, ``unit``, ``status``, ``source``.
        """
        shared = [
            ("all", each) for each in (self.efficiency, self.exposures, self.completion, self.fee)
        ]
        own = [
            (channel.name, each)
            for channel in channels
            for each in (channel.cpm_usd, channel.penetration, channel.click_share)
        ]
        rows = [
            (
                name,
                a.label,
                a.low,
                a.mid,
                a.high,
                a.unit,
                a.evidence.status.value,
                a.evidence.source,
            )
            for name, a in shared + own
        ]
        columns = ["channel", "assumption", "low", "mid", "high", "unit", "status", "source"]
        return pd.DataFrame(rows, columns=columns)


def set_fee(fee_share: float, effective_exposures: float | None = None) -> ResponseCurve:
    """Return the default curve with the planner's own fee (0-1) and number of ads that count."""
    curve = ResponseCurve()
    exposures = (
        curve.exposures
        if effective_exposures is None
        else curve.exposures.set_value(effective_exposures, SET_BY_CAMPAIGN)
    )
    fee = curve.fee.set_value(fee_share, SET_BY_CAMPAIGN)
    return replace(curve, fee=fee, exposures=exposures)
