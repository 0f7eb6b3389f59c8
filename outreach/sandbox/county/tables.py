"""Serve the invented county's datasets as the Census Data API holds them.

All values are text under the real codes, by tract, county, place, and state.
"""

import datetime as dt

import numpy as np
import pandas as pd

from outreach.arrays import Floats
from outreach.sandbox.county.dates import FIRST_DAY, LAST_DAY
from outreach.sandbox.county.labels import label_variable, title_variable
from outreach.sandbox.county.land.codes import STATE
from outreach.sandbox.county.land.ground import COUNTY, PLACE, CountyGround
from outreach.sandbox.county.people import People
from outreach.sandbox.county.season import InventedSeason, compute_final_share
from outreach.sandbox.county.sheet import NO_ESTIMATE, NO_MARGIN
from outreach.sandbox.county.survey import take_survey
from outreach.sandbox.shapefile import tract_label
from outreach.sandbox.world import ServedDataset

COUNTY_NAME, PLACE_NAME, STATE_NAME = "Larkmere County", "Larkmere city", "Nowhere"

#: The day on which the Bureau began to knock on doors in all of the county.
_NRFU_START = dt.date(2020, 8, 11)
_UNDELIVERABLE_SHARE, _PHONE_SHARE = 0.08, 0.01
#: The first edition with results of the 2020 Census, and with the return rate of 2020.
_WITH_2020_RESULTS = 2023
_ON_2020_TRACTS = 2022

_IDENTITY = {"GEO_ID": "Geography", "NAME": "Geographic Area Name"}
_RATES = {
    "RESP_DATE": "Most recent data cutoff for responses received",
    "CRRALL": "Cumulative Self-Response Rate - Overall",
    "CRRINT": "Cumulative Self-Response Rate - Internet",
    "DRRALL": "Daily Self-Response Rate - Overall",
    "DRRINT": "Daily Self-Response Rate - Internet",
}
#: Figures about the tracts of a larger area; empty for a tract, as in the service.
_SUMMARIES = tuple(
    f"{period}{mode}{figure}"
    for period in "CD"
    for mode in ("", "INT")
    for figure in ("AVG", "MED", "MIN", "MAX")
)


def serve_rates(
    season: InventedSeason, ground: CountyGround, data_date: dt.date | None
) -> ServedDataset:
    """Serve ``2020/dec/responserate`` of one data date; before the season it has no rows."""
    labels = _IDENTITY | _RATES | dict.fromkeys(_SUMMARIES, "Figure about the areas within")
    rates = season.rates(data_date or FIRST_DAY)
    place = ground.blocks["place"].groupby(ground.blocks["tract20"]).first().reindex(rates.index)
    whole, city = _format_rates(_average(rates)), _format_rates(_average(rates[place != ""]))
    state, county = {"state": STATE}, {"state": STATE, "county": COUNTY}
    city_codes = {"state": STATE, "place": PLACE[2:]}
    levels = {
        "tract": _identify_tracts(_format_rates(rates)),
        "county": _identify(whole, "0500000US", COUNTY_NAME, county),
        "state": _identify(whole, "0400000US", STATE_NAME, state),
        "place": _identify(city, "1600000US", PLACE_NAME, city_codes),
    }
    for name, rows in levels.items():
        rows.insert(0, "RESP_DATE", data_date.isoformat() if data_date else None)
        for column in _SUMMARIES:
            rows.insert(0, column, None)
        levels[name] = rows if data_date else rows.iloc[:0]
    return ServedDataset(levels, labels)


def serve_rates_2010(season: InventedSeason, rng: np.random.Generator) -> ServedDataset:
    """Serve ``2010/dec/responserate``: the final rates of 2010 on 2020 tracts."""
    factor_share = season.truth.factor_share
    final = 100 * factor_share - 0.5 + rng.normal(0, 5.5, len(season.geoids))
    texts = [f"{value:.1f}" for value in final.clip(5, 97)]
    rows = pd.DataFrame({"FSRR2010": texts}, index=factor_share.index)
    labels = _IDENTITY | {"FSRR2010": "Final self-response rate 2010"}
    return ServedDataset({"tract": _identify_tracts(rows)}, labels)


def serve_final_rates(season: InventedSeason, rates_2010: ServedDataset) -> ServedDataset:
    """Serve ``2020/dec/selfresponserate``: final rates by mode, of 2020 and 2010."""
    tracts = rates_2010.rows["tract"]
    past = pd.Series(tracts["FSRR2010"].astype(float).to_numpy(), index=season.geoids)
    start, final = (_split_modes(season.rates(day)) for day in (_NRFU_START, LAST_DAY))

    # Return rates leave out the addresses where mail could not be delivered.
    delivered = 1 - _UNDELIVERABLE_SHARE
    undeliverable = pd.Series(100 * _UNDELIVERABLE_SHARE, index=past.index)
    columns = [
        *(figures for part in (start, final) for figures in part),
        *(figures / delivered for part in (start, final) for figures in part),
        *(undeliverable, undeliverable),
        *(past - 1.5, past, past + 3.5, past + 5, undeliverable, undeliverable),
    ]
    texts = pd.DataFrame(
        {
            f"TSRR001_{number:03d}": figures.clip(0, 100).map("{:.1f}".format)
            for number, figures in enumerate(columns, start=1)
        }
    )
    texts.index.name = "geoid"
    labels = {str(name): f"Final rates, column {str(name)[-3:]}" for name in texts}
    return ServedDataset({"tract": _identify_tracts(texts)}, _IDENTITY | labels)


def _split_modes(rates: pd.DataFrame) -> "list[pd.Series[float]]":
    """Split response rates into internet, paper, and phone, and give their total last."""
    phone = (_PHONE_SHARE * rates["CRRALL"]).round(1)
    paper = (rates["CRRALL"] - rates["CRRINT"] - phone).clip(lower=0)
    return [rates["CRRINT"], paper, phone, rates["CRRALL"]]


def serve_acs(tracts: People, rng: np.random.Generator, vintage: int) -> ServedDataset:
    """Serve ``acs/acs5`` by tract, and by county without the medians."""
    figures = take_survey(tracts, rng)
    counts = figures.drop(columns=["B19013_001E", "B19013_001M"])
    estimates = counts.filter(regex="E$").sum()
    margins = np.sqrt((counts.filter(regex="M$") ** 2).sum()).round().astype(int)
    whole = pd.concat([estimates, margins]).to_frame().T
    whole = whole.assign(B19013_001E=NO_ESTIMATE, B19013_001M=NO_MARGIN)[list(figures.columns)]
    codes = {"state": STATE, "county": COUNTY}
    levels = {
        "tract": _identify_tracts(figures.astype(str)),
        "county": _identify(whole.astype(str), "0500000US", COUNTY_NAME, codes),
    }
    return ServedDataset(
        levels,
        _IDENTITY | {code: label_variable(code, vintage) for code in figures.columns},
        {code: title_variable(code) for code in figures.columns},
    )


def serve_planning_database(
    tracts: People, rng: np.random.Generator, vintage: int
) -> ServedDataset:
    """Serve ``pdb/tract``: the Low Response Score, a mail return rate, and ACS counts.

    The score has an error of its own. The counts are from the survey two years before.
    """
    figures = take_survey(tracts, rng)
    period = f"{vintage - 6:04d}"[2:] + f"_{(vintage - 2) % 100:02d}"
    cells = {
        f"Tot_Population_ACS_{period}": ["B01001_001E"],
        f"Tot_Occp_Units_ACS_{period}": ["B25003_001E"],
        f"Renter_Occp_HU_ACS_{period}": ["B25003_003E"],
        f"Crowd_Occp_U_ACS_{period}": [f"B25014_{number:03d}E" for number in (5, 6, 7, 11, 12, 13)],
        f"MLT_U2_9_STRC_ACS_{period}": [f"B25024_{number:03d}E" for number in (4, 5, 6)],
        f"MLT_U10p_ACS_{period}": [f"B25024_{number:03d}E" for number in (7, 8, 9)],
    }
    rows = pd.DataFrame(
        {name: figures[codes].sum(axis=1).astype(str) for name, codes in cells.items()}
    )
    rows = rows.join(_draw_scores(tracts, rng))
    if vintage >= _ON_2020_TRACTS:
        rows[f"Self_Response_Rate_ACS_{period}"] = rows["Mail_Return_Rate_CEN_2010"]
    if vintage >= _WITH_2020_RESULTS:
        rows = rows.rename(columns={"Mail_Return_Rate_CEN_2010": "Mail_Return_Rate_CEN_2020"})
        rows["Tot_GQ_CEN_2020"] = figures["B26001_001E"].astype(str)
    rows["State_name"], rows["County_name"] = STATE_NAME, COUNTY_NAME
    rows["GIDTR"] = rows.index
    labels = {"GIDTR": "State, county and tract code"} | {
        name: name.replace("_", " ") for name in rows.columns if name != "GIDTR"
    }
    return ServedDataset({"tract": _identify_tracts(rows)}, _IDENTITY | labels)


def _draw_scores(tracts: People, rng: np.random.Generator) -> pd.DataFrame:
    """Return the Low Response Score and the 2010 mail return rate; empty without housing."""
    final = 100 * compute_final_share(tracts)
    housing = tracts.table["housing"]
    center = np.average(final, weights=housing)
    score = 20.5 - 0.66 * (final - center) + rng.normal(0, 3.4, len(final))
    mail = 78 + 0.62 * (final - center) + rng.normal(0, 4.0, len(final))
    columns = {
        "Low_Response_Score": _format_score(score.to_numpy(), 1.0, 55.0),
        "Mail_Return_Rate_CEN_2010": _format_score(mail.to_numpy(), 30.0, 98.0),
    }
    rows = pd.DataFrame(columns, index=final.index, dtype=object)
    return rows.where(housing > 0, None)


def _format_score(figures: Floats, low: float, high: float) -> list[str]:
    """Write figures between bounds with one decimal."""
    return [f"{figure:.1f}" for figure in figures.clip(low, high)]


def _average(rates: pd.DataFrame) -> pd.DataFrame:
    """Average rates over tracts, weighted by addresses, into one row."""
    weights = rates["addresses"]
    return (rates.mul(weights, axis=0).sum() / weights.sum()).round(1).to_frame().T


def _format_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """Write rates as the service does, with one decimal."""
    columns = ["CRRALL", "CRRINT", "DRRALL", "DRRINT"]
    return pd.DataFrame(
        {name: [f"{value:.1f}" for value in rates[name]] for name in columns}, index=rates.index
    )


def _identify_tracts(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``GEO_ID`` and ``NAME`` of each tract first, and the codes of its hierarchy last."""
    geoid = pd.Series(rows.index.astype(str), index=rows.index, dtype=object)
    names = [f"Census Tract {tract_label(code[5:])}, {COUNTY_NAME}, {STATE_NAME}" for code in geoid]
    identity = pd.DataFrame(
        {"GEO_ID": "1400000US" + geoid, "NAME": names}, index=rows.index, dtype=object
    )
    codes = pd.DataFrame(
        {"state": geoid.str[:2], "county": geoid.str[2:5], "tract": geoid.str[5:]}, index=rows.index
    )
    return pd.concat([identity, rows, codes], axis=1).astype(object).reset_index(drop=True)


def _identify(rows: pd.DataFrame, affix: str, name: str, codes: dict[str, str]) -> pd.DataFrame:
    """Add the identity of a single larger area."""
    rows = rows.reset_index(drop=True)
    rows.insert(0, "NAME", name if name == STATE_NAME else f"{name}, {STATE_NAME}")
    rows.insert(0, "GEO_ID", affix + "".join(codes.values()))
    return rows.assign(**codes).astype(object)
