"""The invented county's datasets as the Census Data API holds them: text under the real codes, by tract, county, place and state."""

import datetime as dt

import numpy as np
import pandas as pd

from outreach.sandbox.county.ground import COUNTY, PLACE, STATE, Plan
from outreach.sandbox.county.people import NO_ESTIMATE, NO_MARGIN, People, label, survey
from outreach.sandbox.county.season import Season, expect_final
from outreach.sandbox.shapefile import tract_label
from outreach.sandbox.world import ServedDataset

COUNTY_NAME, PLACE_NAME, STATE_NAME = "Larkmere County", "Larkmere city", "Nowhere"

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


def serve_rates(season: Season, plan: Plan, data_date: dt.date | None) -> ServedDataset:
    """Serve ``2020/dec/responserate`` of one data date; before the season there are no rows."""
    labels = _IDENTITY | _RATES | dict.fromkeys(_SUMMARIES, "Figure about the areas within")
    rates = season.rates(data_date or dt.date(2020, 3, 20))
    place = plan.blocks["place"].groupby(plan.blocks["tract20"]).first().reindex(rates.index)
    levels = {
        "tract": _identify_tracts(_spell_rates(rates)),
        "county": _identify(
            _spell_rates(_average(rates)),
            "0500000US",
            COUNTY_NAME,
            {"state": STATE, "county": COUNTY},
        ),
        "state": _identify(
            _spell_rates(_average(rates)), "0400000US", STATE_NAME, {"state": STATE}
        ),
        "place": _identify(
            _spell_rates(_average(rates[place != ""])),
            "1600000US",
            PLACE_NAME,
            {"state": STATE, "place": PLACE[2:]},
        ),
    }
    for name, rows in levels.items():
        rows.insert(0, "RESP_DATE", data_date.isoformat() if data_date else None)
        for column in _SUMMARIES:
            rows.insert(0, column, None)
        levels[name] = rows if data_date else rows.iloc[:0]
    return ServedDataset(levels, labels)


def serve_rates_2010(season: Season, rng: np.random.Generator) -> ServedDataset:
    """Serve ``2010/dec/responserate``: the final rate ten years before, on 2020 tracts."""
    final = 100 * season.truth.expected_share - 0.5 + rng.normal(0, 5.5, len(season.geoids))
    rows = pd.DataFrame(
        {"FSRR2010": [f"{value:.1f}" for value in final.clip(5, 97)]},
        index=season.truth.expected_share.index,
    )
    return ServedDataset(
        {"tract": _identify_tracts(rows)}, _IDENTITY | {"FSRR2010": "Final self-response rate 2010"}
    )


def serve_acs(tracts: People, rng: np.random.Generator) -> ServedDataset:
    """Serve ``acs/acs5``: the tables of :mod:`county_people` by tract, and by county without the medians."""
    found = survey(tracts, rng)
    counts = found.drop(columns=["B19013_001E", "B19013_001M"])
    estimates = counts.filter(regex="E$").sum()
    margins = np.sqrt((counts.filter(regex="M$") ** 2).sum()).round().astype(int)
    whole = pd.concat([estimates, margins]).to_frame().T
    whole = whole.assign(B19013_001E=NO_ESTIMATE, B19013_001M=NO_MARGIN)[list(found.columns)]
    county = _identify(
        whole.astype(str), "0500000US", COUNTY_NAME, {"state": STATE, "county": COUNTY}
    )
    labels = _IDENTITY | {code: label(code) for code in found.columns}
    return ServedDataset({"tract": _identify_tracts(found.astype(str)), "county": county}, labels)


def serve_planning_database(
    tracts: People, rng: np.random.Generator, vintage: int
) -> ServedDataset:
    """Serve ``pdb/tract``: the Low Response Score with its own error, the 2010 mail return rate, and counts of the survey two years before."""
    found = survey(tracts, rng)
    final = 100 * expect_final(tracts)
    inhabited = tracts.table["housing"] > 0
    centre = np.average(final, weights=tracts.table["housing"])
    score = 20.5 - 0.66 * (final - centre) + rng.normal(0, 3.4, len(final))
    mail = 78 + 0.62 * (final - centre) + rng.normal(0, 4.0, len(final))
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
        {name: found[codes].sum(axis=1).astype(str) for name, codes in cells.items()}
    )
    for name, figure, low, high in (
        ("Low_Response_Score", score, 1.0, 55.0),
        ("Mail_Return_Rate_CEN_2010", mail, 30.0, 98.0),
    ):
        text = pd.Series(
            [f"{value:.1f}" for value in figure.clip(low, high)], index=rows.index, dtype=object
        )
        rows[name] = text.where(inhabited, None)
    rows["State_name"], rows["County_name"] = STATE_NAME, COUNTY_NAME
    rows["GIDTR"] = rows.index
    labels = {"GIDTR": "State, county and tract code"} | {
        name: name.replace("_", " ") for name in rows.columns if name != "GIDTR"
    }
    return ServedDataset({"tract": _identify_tracts(rows)}, _IDENTITY | labels)


def _average(rates: pd.DataFrame) -> pd.DataFrame:
    """Average rates over tracts, weighted by addresses, into one row."""
    weights = rates["addresses"]
    return (rates.mul(weights, axis=0).sum() / weights.sum()).round(1).to_frame().T


def _spell_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """Write rates as the service does, with one decimal."""
    columns = ["CRRALL", "CRRINT", "DRRALL", "DRRINT"]
    return pd.DataFrame(
        {name: [f"{value:.1f}" for value in rates[name]] for name in columns}, index=rates.index
    )


def _identify_tracts(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what identifies a tract: ``GEO_ID`` and ``NAME`` first, the codes of the hierarchy last."""
    geoid = pd.Series(rows.index.astype(str), index=rows.index, dtype=object)
    names = [f"Census Tract {tract_label(code[5:])}, {COUNTY_NAME}, {STATE_NAME}" for code in geoid]
    known = pd.DataFrame(
        {"GEO_ID": "1400000US" + geoid, "NAME": names}, index=rows.index, dtype=object
    )
    codes = pd.DataFrame(
        {"state": geoid.str[:2], "county": geoid.str[2:5], "tract": geoid.str[5:]}, index=rows.index
    )
    return pd.concat([known, rows, codes], axis=1).astype(object).reset_index(drop=True)


def _identify(rows: pd.DataFrame, affix: str, name: str, codes: dict[str, str]) -> pd.DataFrame:
    """Add what identifies a single larger area."""
    known = rows.reset_index(drop=True)
    known.insert(0, "NAME", name if name == STATE_NAME else f"{name}, {STATE_NAME}")
    known.insert(0, "GEO_ID", affix + "".join(codes.values()))
    return known.assign(**codes).astype(object)
