"""Money: the budget split over units and channels as the campaign asks, floors kept, to the cent."""

import math
from dataclasses import asdict, dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crosswalk.table import find_main_targets
from geo.districts import assign_districts, read_districts
from models.budget.ad_response import set_fee
from models.budget.allocation import Allocation, allocate_budget
from models.budget.channels import (
    DISPLAY,
    META,
    SET_BY_CAMPAIGN,
    AdChannel,
    price_social_media,
)
from models.budget.terms import GroupFloor, Terms
from models.scores.languages import cover_languages
from outreach.campaign import Campaign, ChannelRequest
from outreach.errors import CampaignError, ModelError
from outreach.exporters.base.rules import list_platforms
from outreach.settings import Settings
from outreach.transport import Transport
from outreach.units import Arm

_PERCENT = 100
#: What counts as a whole cent that rounding errors took away.
_SPECK = 1e-4
#: A tract belongs to a language's floor where at least this share of its people speak it and little
#: English.
LANGUAGE_SHARE = 0.05


@dataclass(frozen=True)
class Money:
    """A split budget.

    Parameters
    ----------
    targets
        :class:`outreach.tables.Targets` with ``budget_usd``, ``impressions_count``, expected
        responses with their low and high case, and ``why``; with several channels also
        ``budget_<platform>_usd`` for each channel that is called like a platform.
    by_channel
        A row is a unit on a channel, as :class:`models.budget.allocation.Allocation` has it, in
        whole cents.
    allocation
        The split with its certificate.
    """

    targets: pd.DataFrame
    by_channel: pd.DataFrame
    allocation: Allocation

    def describe(self) -> dict[str, object]:
        """Return the certificate of the split, what each channel gets, what is unspent, and every assumption, for ``budget.json``."""
        proof = {
            name: value if isinstance(value, dict) or math.isfinite(value) else None
            for name, value in asdict(self.allocation.certificate).items()
        }
        return {
            "planned_usd": round(float(self.by_channel["budget_usd"].sum()), 2),
            "unspent_usd": round(self.allocation.unspent_usd, 2),
            "channels_usd": self.by_channel.groupby("channel")["budget_usd"]
            .sum()
            .round(2)
            .to_dict(),
            "certificate": proof,
            "assumptions": self.allocation.assumptions.to_dict("records"),
        }


def group_tracts(
    tracts: gpd.GeoDataFrame, campaign: Campaign, settings: Settings, transport: Transport
) -> "pd.Series[str] | None":
    """Return the language or district whose floor a tract counts to, by ``geoid``; ``None`` where no floor asks for it.

    A tract counts to the language that most of its people with little English speak, if they are
    :data:`LANGUAGE_SHARE` of all or more; to the district that most of its land lies in.

    Raises
    ------
    CampaignError
        A floor names a district that is not there, or a language that no tract speaks enough.
    """
    floors = [floor for floor in campaign.floors if floor.channel is None]
    if not floors:
        return None
    if floors[0].language:
        reached = {
            each.subject: cover_languages(tracts, (each.subject,))["covered_share"]
            for each in floors
        }
        speakers = pd.DataFrame(reached)
        speakers = speakers.where(
            speakers < 1, 0.0
        )  # all of a tract stands for a tract of which nothing is known
        groups = speakers.idxmax(axis=1)[speakers.max(axis=1) >= LANGUAGE_SHARE].astype(str)
        what = f"is spoken with little English by {LANGUAGE_SHARE:.0%} of the people of a tract or more"
    else:
        asked = next(
            (each for each in campaign.districts if each.name == floors[0].of),
            campaign.districts[0],
        )
        drawn, _ = read_districts(
            asked.name,
            asked.file,
            asked.id_column,
            asked.name_column,
            transport,
            settings.files_cache,
        )
        main = find_main_targets(assign_districts(tracts, drawn, asked.name))
        groups, what = (
            main["target"][main["target"] != ""],
            f"is a district of {asked.name} with a tract in it",
        )
    for floor in floors:
        if floor.subject not in set(groups):
            raise CampaignError(
                f"'{floor.subject}' has a floor, and no tract here {what}.",
                "Mend or drop that floor.",
            )
    named: pd.Series[str] = groups.rename("group").rename_axis("geoid")
    return named


def price_floors(campaign: Campaign) -> dict[str, float]:
    """Return each floor as money (USD), by what it is for."""
    return {
        floor.subject: max(floor.usd, floor.percent / _PERCENT * campaign.budget_usd)
        for floor in campaign.floors
    }


def make_terms(campaign: Campaign) -> Terms:
    """Put a campaign's wishes as the terms of the split."""
    channels = tuple(_describe_channel(asked) for asked in campaign.channels) or (
        price_social_media(campaign.cpm_usd),
    )
    own = {
        each.name: each.impressions_per_household
        for each in campaign.channels
        if each.impressions_per_household
    }
    return Terms(
        campaign.budget_usd,
        channels,
        minimum_spend_usd=campaign.units.minimum_spend_usd,
        max_impressions_per_household=campaign.impressions_per_household,
        floors=tuple(GroupFloor(name, usd) for name, usd in price_floors(campaign).items()),
        floors_by_channel=any(floor.channel for floor in campaign.floors),
        channel_frequency=own,
        curve=set_fee(campaign.fee_percent / _PERCENT),
    )


def split_money(units: pd.DataFrame, traits: pd.DataFrame, campaign: Campaign) -> Money:
    """Split the budget over the units that are advertised in; those that get nothing stay listed with 0.

    Parameters
    ----------
    units
        Targets with arms.
    traits
        By ``unit_id``, as far as known: ``missing_share`` (of the households, at the deadline),
        ``addressable_share``, ``persuadable_share`` and ``group``.

    Raises
    ------
    ModelError
        No unit is left, or a floor cannot be met.
    """
    treated = units.index[units["arm"] == Arm.TREAT]
    if treated.empty:
        raise ModelError(
            "No unit is left to advertise in.", "Lower the holdout, or set its buffer to 'none'."
        )
    terms = make_terms(campaign)
    split = allocate_budget(
        _describe_cells(units.loc[treated], traits.reindex(treated), campaign), terms
    )
    cells = split.cells.rename_axis("unit_id")
    group = (
        cells["channel"]
        if terms.floors_by_channel
        else cells.index.to_series().map(traits["group"])
    )
    cells = cells.assign(budget_usd=round_to_cents(cells["budget_usd"], group).to_numpy())
    told = replace(split, cells=cells).by_unit()
    why = told["why"].map(lambda text: f" {text[0].upper()}{text[1:]}.").reindex(units.index)
    silent = units["arm"].map(
        {
            "holdout": " Held out: no ads.",
            "buffer": " Buffer: it touches a unit of the other arm, so it gets no ads.",
        }
    )
    figures = told.drop(columns="why").reindex(units.index)
    figures[["budget_usd", "impressions_count"]] = figures[
        ["budget_usd", "impressions_count"]
    ].fillna(0.0)
    targets = units.drop(columns=["budget_usd", "impressions_count"]).join(figures)
    if len(terms.channels) > 1:
        own = cells[cells["channel"].isin(list_platforms())]
        wide = own.reset_index().pivot_table(
            index="unit_id", columns="channel", values="budget_usd"
        )
        targets = targets.join(
            wide.add_prefix("budget_").add_suffix("_usd").reindex(units.index).fillna(0.0)
        )
    unspent = max(0.0, round(campaign.budget_usd - float(cells["budget_usd"].sum()), 2))
    kept = replace(split, cells=cells, unspent_usd=unspent)
    return Money(targets.assign(why=units["why"] + why.fillna(silent)), cells, kept)


def round_to_cents(spend_usd: "pd.Series[float]", group: "pd.Series[str]") -> "pd.Series[float]":
    """Return amounts in whole cents: none moves by a cent or more, and what is spent so far, group by group, is rounded down.

    So the budget is never passed and loses less than a cent, and a group that meets its floor of
    whole cents still meets it.
    """
    order = np.argsort(group.fillna("").to_numpy(), kind="stable")
    so_far = np.floor(np.cumsum(spend_usd.to_numpy(float)[order]) * _PERCENT + _SPECK)
    cents = np.empty(len(order))
    cents[order] = np.diff(so_far, prepend=0.0)
    return pd.Series(cents / _PERCENT, index=spend_usd.index)


def _describe_channel(requested: ChannelRequest) -> AdChannel:
    """Return a channel of the campaign as the response curve takes it.

    What the planner leaves out is that of social media, or of display ads.
    """
    usual = META if requested.name == META.name else DISPLAY
    reach, clicks = requested.reach_percent, requested.click_percent
    return AdChannel(
        requested.name,
        usual.cpm_usd.set_value(requested.cpm_usd, SET_BY_CAMPAIGN),
        usual.penetration.set_value(reach / _PERCENT, SET_BY_CAMPAIGN)
        if reach
        else usual.penetration,
        usual.click_share.set_value(clicks / _PERCENT, SET_BY_CAMPAIGN)
        if clicks
        else usual.click_share,
    )


def _describe_cells(
    treated: pd.DataFrame, traits: pd.DataFrame, campaign: Campaign
) -> pd.DataFrame:
    """Describe units as the allocator takes them; what is not known of a unit is as if all its households could be reached and won."""
    households = treated["households_count"].fillna(0.0)
    units = pd.DataFrame(
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
    most = campaign.units.maximum_spend_usd
    return units.assign(max_spend_usd=most) if most else units
