"""Split the budget over units and channels, to the cent."""

import math
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from flows.steps.buying.fees import round_media
from flows.steps.buying.floors import price_floors
from flows.steps.buying.list_rules import list_channels
from models.budget.ad_response import set_fee
from models.budget.allocation import Allocation, allocate_budget
from models.budget.saturation import Saturation, trace_saturation
from models.budget.terms import GroupFloor, Terms
from outreach.arrays import Floats
from outreach.campaign import Campaign
from outreach.errors import ModelError
from outreach.tables import DataFrame, Targets, as_table
from outreach.units import Arm

_PERCENT = 100
#: Rounding errors of up to this many cents do not take a cent away.
_TOLERANCE_CENTS = 1e-4


@dataclass(frozen=True)
class SplitBudget:
    """A split budget.

    Parameters
    ----------
    targets
        With ``budget_usd``, ``impressions_count``, all that the responses follow from
        (:func:`_join_money`), expected responses with their low and high case, and ``why``. A
        campaign with channels also has ``budget_<channel>_usd`` for each.
    by_channel
        A row is a unit on a channel, as in :class:`models.budget.allocation.Allocation`, in whole
        cents, with ``media_usd`` and ``fee_usd``.
    allocation
        The split with its certificate.
    saturation
        What smaller budgets would win, and where the next dollar wins little.
    """

    targets: DataFrame[Targets]
    by_channel: pd.DataFrame
    allocation: Allocation
    saturation: Saturation

    def describe(self) -> dict[str, object]:
        """Return certificate, money by channel, and all assumptions, for ``budget.json``."""
        certificate = {
            name: value if isinstance(value, dict) or math.isfinite(value) else None
            for name, value in asdict(self.allocation.certificate).items()
        }
        return {
            "planned_usd": round(float(self.by_channel["budget_usd"].sum()), 2),
            "unspent_usd": round(self.allocation.unspent_usd, 2),
            "knee_usd": round(self.saturation.knee_usd, 2),
            "channels_usd": self.by_channel.groupby("channel")["budget_usd"]
            .sum()
            .round(2)
            .to_dict(),
            "certificate": certificate,
            "assumptions": self.allocation.assumptions.to_dict("records"),
        }


def make_terms(campaign: Campaign) -> Terms:
    """Return the terms of the split that a campaign requests."""
    frequencies = {
        channel.name: channel.impressions_per_household
        for channel in campaign.channels
        if channel.impressions_per_household
    }
    return Terms(
        campaign.budget_usd,
        list_channels(campaign),
        minimum_spend_usd=campaign.units.minimum_spend_usd,
        max_impressions_per_household=campaign.impressions_per_household,
        floors=tuple(GroupFloor(name, usd) for name, usd in price_floors(campaign).items()),
        floors_by_channel=any(floor.channel for floor in campaign.floors),
        channel_frequency=frequencies,
        curve=set_fee(campaign.fee_percent / _PERCENT, campaign.effective_exposures),
        least_value_share=0.0 if campaign.spend_all else campaign.least_value_percent / _PERCENT,
    )


def split_budget(
    units: DataFrame[Targets], traits: pd.DataFrame, campaign: Campaign
) -> SplitBudget:
    """Split the budget over the units with ads; units that get nothing stay listed with 0.

    Parameters
    ----------
    units
        Targets with arms.
    traits
        By ``unit_id``, as far as available: ``missing_share`` (of the households, at the deadline),
        ``addressable_share``, ``persuadable_share`` and ``group``.

    Raises
    ------
    ModelError
        No unit is left, or a floor cannot be met.
    """
    treated = units.index[units["arm"] == Arm.TREAT]
    if treated.empty:
        raise ModelError(
            "No unit is left for ads.", "Lower the holdout, or set its buffer to 'none'."
        )

    # Split the money, then round it without missing a floor.
    terms = make_terms(campaign)
    requests = _describe_units(units.loc[treated], traits.reindex(treated))
    if campaign.units.maximum_spend_usd:
        requests = requests.assign(max_spend_usd=campaign.units.maximum_spend_usd)
    allocation = allocate_budget(requests, terms)
    cells = allocation.cells.rename_axis("unit_id")
    group = (
        cells["channel"]
        if terms.floors_by_channel
        else cells.index.to_series().map(traits["group"])
    )
    rounded: Floats = np.array(round_to_cents(cells["budget_usd"], group).to_list())
    allocation = allocation.respend(rounded)

    # Part each channel's money, and join all to the units.
    cells = allocation.cells.rename_axis("unit_id")
    media = cells.groupby("channel", sort=False)["budget_usd"].transform(
        lambda budgets: round_media(budgets.to_numpy(float), terms.curve.fee.mid)
    )
    cells = cells.assign(media_usd=media, fee_usd=(cells["budget_usd"] - media).round(2))
    targets = _join_money(units, allocation, traits)
    if campaign.channels:
        targets = targets.join(_pivot_channels(cells).reindex(units.index).fillna(0.0))
    saturation = trace_saturation(
        allocation.problem, campaign.budget_usd, campaign.least_value_percent / _PERCENT
    )
    return SplitBudget(as_table(targets, Targets), cells, allocation, saturation)


def _join_money(units: pd.DataFrame, allocation: Allocation, traits: pd.DataFrame) -> pd.DataFrame:
    """Join money, what it buys, expected responses, and reasons; units without ads get 0.

    ``missing_at_deadline_count`` and ``persuadable_share`` are of every unit, ``reached_share`` (of
    its households) and ``ads_per_reached_household`` of those with ads.
    """
    by_unit = allocation.by_unit()
    bought = ["budget_usd", "impressions_count", "reached_share", "ads_per_reached_household"]
    figures = by_unit.drop(columns=["why", "reached_households_count"]).reindex(units.index)
    figures[bought] = figures[bought].fillna(0.0)
    described = _describe_units(units, traits.reindex(units.index))
    figures["missing_at_deadline_count"] = described["missing_households_count"]
    figures["persuadable_share"] = described["persuadable_share"]

    reasons = by_unit["why"].map(lambda text: f" {text[0].upper()}{text[1:]}.")
    without_ads = units["arm"].map(
        {
            Arm.HOLDOUT: " Held out: no ads.",
            Arm.BUFFER: " Buffer: it touches a unit of the other arm, so it gets no ads.",
        }
    )
    why = units["why"] + reasons.reindex(units.index).fillna(without_ads)
    spent = ["budget_usd", "impressions_count"]
    return units.drop(columns=spent).join(figures).assign(why=why)


def _pivot_channels(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the budget of each unit on each channel."""
    table = cells.reset_index().pivot_table(index="unit_id", columns="channel", values="budget_usd")
    return table.add_prefix("budget_").add_suffix("_usd")


def round_to_cents(spend_usd: "pd.Series[float]", group: "pd.Series[str]") -> "pd.Series[float]":
    """Round amounts to whole cents, without passing the budget or missing a floor.

    The running total, group by group, is rounded down. So no amount moves by a cent or more, the
    budget loses less than a cent, and a group that meets a floor of whole cents still meets it.

    Parameters
    ----------
    spend_usd
        Amounts in US dollars.
    group
        The group of each amount; missing counts as one group.
    """
    order = np.argsort(group.fillna("").to_numpy(), kind="stable")
    totals = np.floor(np.cumsum(spend_usd.to_numpy(float)[order]) * _PERCENT + _TOLERANCE_CENTS)
    cents = np.empty(len(order))
    cents[order] = np.diff(totals, prepend=0.0)
    return pd.Series(cents / _PERCENT, index=spend_usd.index)


def _describe_units(treated: pd.DataFrame, traits: pd.DataFrame) -> pd.DataFrame:
    """Describe units as the allocator takes them.

    A missing share counts as if all households could be reached and persuaded.
    """
    households = treated["households_count"].fillna(0.0)
    return pd.DataFrame(
        {
            "households_count": households,
            "missing_households_count": (traits["missing_share"] * households).fillna(
                treated["missing_households_count"].fillna(0.0)
            ),
            "addressable_share": traits["addressable_share"].fillna(1.0).clip(0, 1),
            "persuadable_share": traits["persuadable_share"].fillna(1.0).clip(0, 1),
            "group": traits["group"],
        }
    )
