"""Gather by district who lives there, which languages they need, and what reaching them takes."""

from typing import cast

import pandas as pd

from flows.steps.indicators.present import list_shares
from flows.steps.planning.reach import Need, price_need, read_prices
from geo.crosswalk.carry import carry_counts
from models.audience.describe import describe_areas, list_counts
from models.audience.languages import LANGUAGES, OTHER, OTHER_NAME, list_unread, name_count
from models.planning.hard_to_count import HARDEST, class_tracts
from models.planning.reach_cost import CREATIVE
from models.planning.reach_districts import CHANNELS, split_reach, sum_districts
from outreach.campaign import Campaign
from outreach.reports.data.committee import WHOLE, Committee, Source
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.store import Run
from outreach.tables import DataFrame, Tracts

#: What is counted of the people of a district: the part, and the whole that it is a share of.
_SHARES = {
    "renters": ("renter_households_count", "households_count"),
    "under_five": ("under5_count", "population_count"),
    "group_quarters": ("group_quarters_count", "population_count"),
}
_CODES = {name: code for code, name in LANGUAGES.items()} | {
    OTHER_NAME: OTHER,
    CREATIVE: "creative",
}
#: Columns of a table of reach when nothing can be priced.
_REACH = ["district", "scenario", "need_share", "channel", "code"]
_REACH += ["missing_households_count", "homes_count", "cost_usd"]


def gather_committee(view: ReportView, figures: Figures, run: Run) -> Committee:
    """Gather what the pack of a run shows of one kind of district.

    Parameters
    ----------
    view, figures
        What the reports of the run show of the same districts.
    run
        Its record, for languages, prices, and sources.
    """
    tracts = view.tracts
    pairs = _list_pairs(figures)
    counted = pd.DataFrame(tracts[list_counts(tracts)])
    names = {name for pair in _SHARES.values() for name in pair if name in tracts}
    counted = counted.join(tracts[sorted(names - set(counted))])
    sums = carry_counts(counted, pairs).table
    audience = describe_areas(sums, run.campaign.creative_languages)

    own, headings, shares = list_shares(run.campaign.indicators, tracts)
    titles = {f"indicator {each.name}": each.title for each in run.campaign.indicators}
    need = price_need(run.campaign, tracts, view.scores)
    reach, teams = _price_districts(need, pairs, run.campaign)
    return Committee(
        view=view,
        figures=figures,
        people=_describe_people(sums, audience, pairs, view).join(
            _average_own(shares, pairs, tracts)
        ),
        languages=_list_languages(audience, run.campaign.creative_languages),
        reach=reach,
        teams=teams,
        tracts=_describe_tracts(view, need),
        prices=run.campaign.reach.model_dump() | {"household_usd": run.campaign.household_usd},
        sources=tuple(
            Source(name=titles.get(name, name), vintage=vintage)
            for name, vintage in dict.fromkeys(
                (each.name, str(each.vintage or "")) for each in run.inputs
            )
        ),
        run_id=run.id,
        own=own,
        headings=headings,
    )


def _list_pairs(figures: Figures) -> pd.DataFrame:
    """Return how much of each tract lies in each district, and in all of them together."""
    parts = pd.DataFrame(figures.parts[["geoid", "district", "weight"]])
    together = parts.groupby("geoid", as_index=False)["weight"].sum()
    together["weight"] = together["weight"].clip(upper=1.0)
    pairs = pd.concat([parts, together.assign(district=WHOLE)], ignore_index=True)
    return pd.DataFrame(pairs.rename(columns={"geoid": "source", "district": "target"}))


def _describe_people(
    sums: pd.DataFrame, audience: pd.DataFrame, pairs: pd.DataFrame, view: ReportView
) -> pd.DataFrame:
    """Return the shares of the people of each district."""
    households = sums["households_count"].where(sums["households_count"] > 0)
    table = pd.DataFrame(index=sums.index)
    table["offline"] = audience["offline_share"]
    table["little_english"] = audience["limited_english_households_count"] / households
    for name, (part, whole) in _SHARES.items():
        has_both = {part, whole} <= set(sums)
        table[name] = sums[part] / sums[whole].where(sums[whole] > 0) if has_both else float("nan")

    # The share of households that live in the nation's hardest fifth.
    rates = _expect_tracts(view)
    weighed = pairs.assign(
        households=pairs["source"].map(view.tracts["households_count"]).astype(float)
        * pairs["weight"],
        number=pairs["source"].map(class_tracts(rates)),
    )
    weighed = weighed[weighed["number"].notna() & weighed["households"].notna()]
    hard = weighed["households"].where(weighed["number"] == HARDEST, 0.0)
    both = weighed.assign(hard=hard).groupby("target")[["hard", "households"]].sum()
    table["hard_to_count"] = (both["hard"] / both["households"]).reindex(table.index)
    return table


def _average_own(
    shares: pd.DataFrame, pairs: pd.DataFrame, tracts: DataFrame[Tracts]
) -> pd.DataFrame:
    """Average the campaign's own shares over each district, weighted by households."""
    households = pairs["source"].map(tracts["households_count"]).astype(float) * pairs["weight"]
    table = {}
    for name in map(str, shares.columns):
        share = pairs["source"].map(shares[name]).astype(float)
        known = households.where(share.notna(), 0.0)
        sums = (share.fillna(0.0) * known).groupby(pairs["target"]).sum()
        counts = known.groupby(pairs["target"]).sum()
        table[name] = sums / counts.where(counts > 0)
    return pd.DataFrame(table, index=pd.Index(pairs["target"].unique()))


def _expect_tracts(view: ReportView) -> "pd.Series[float]":
    """Return what to expect of each tract, or its rate where nothing is expected."""
    rates = cast("pd.Series[float]", view.tracts["cumulative_share"].astype(float))
    if "final_share" not in view.scores:
        return rates
    expected = cast("pd.Series[float]", view.scores["final_share"].reindex(rates.index))
    return expected.fillna(rates)


def _list_languages(audience: pd.DataFrame, creative: tuple[str, ...]) -> pd.DataFrame:
    """Return the households of each district that speak little English, by language."""
    unread = set(list_unread(creative))
    rows = [
        pd.DataFrame(
            {
                "district": audience.index,
                "code": code,
                "households_count": audience[name_count(code)].to_numpy(dtype=float),
                "is_creative": code not in unread,
            }
        )
        for code in (*LANGUAGES, OTHER)
        if code != "en"
    ]
    return pd.concat(rows, ignore_index=True).dropna(subset=["households_count"])


def _price_districts(
    need: Need | None, pairs: pd.DataFrame, campaign: Campaign
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what reaching each district takes, by channel and language, and in all."""
    if need is None:
        return pd.DataFrame(columns=_REACH), pd.DataFrame(columns=["district", "need_share"])
    parts = pairs.rename(columns={"source": "geoid", "target": "name"}).assign(kind="")
    split = split_reach(need.costs, parts)
    teams = sum_districts(split, read_prices(campaign)).drop(columns="kind")
    reach = split.rename(columns={"name": "district"}).assign(
        channel=split["channel"].map(CHANNELS), code=split["language"].map(_CODES)
    )
    return reach[_REACH], teams


def _describe_tracts(view: ReportView, need: Need | None) -> pd.DataFrame:
    """Return rank, class, channel, and language of each tract."""
    table = pd.DataFrame(index=view.tracts.index)
    table["rank"] = view.scores["rank"].reindex(table.index)
    table["hard_to_count_class"] = class_tracts(_expect_tracts(view))
    if need is None:
        return table.assign(channel="", code="")
    return table.assign(
        channel=need.handoff["channel"].map(CHANNELS).reindex(table.index).fillna(""),
        code=need.handoff["language"].map(_CODES).reindex(table.index).fillna(""),
    )
