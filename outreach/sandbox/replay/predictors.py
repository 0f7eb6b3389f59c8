"""Serve Cook County's real predictors under the Census API's own names.

They are ACS 2014-2018 and the planning database, on 2010 tracts. Source:
``predictors/cook_planning_database.parquet``, CUNY's extract of the Bureau's 2019 planning database
and the 2014-2018 ACS. It has some ACS cells, some sums of cells, and no margins. A cell it has is
served unchanged. If it has only a sum, the whole sum is in the first cell and "0" is in the others,
so that the sum of the cells is real and each single cell is not. The note of every such variable
says so. All other variables of the tables exist and are missing.
"""

from pathlib import Path

import pandas as pd

from outreach.acs_labels import label_estimate
from outreach.sandbox.replay.gazetteer import name_tracts
from outreach.sandbox.world import ServedDataset

#: Path of the predictors in the folder of real data.
PREDICTORS = Path("predictors", "cook_planning_database.parquet")

_MISSING = 99999
_ACS_VINTAGE = 2018

#: Number of cells of each ACS table.
_TABLES = {
    "B01001": 49,
    "B02009": 1,
    "B02010": 1,
    "B02011": 1,
    "B02012": 1,
    "B03002": 21,
    "B11005": 19,
    "B17001": 59,
    "B19013": 1,
    "B25001": 1,
    "B25003": 3,
    "B25007": 21,
    "B25008": 3,
    "B25014": 13,
    "B25024": 11,
    "B25038": 15,
    "B26001": 1,
    "B28001": 11,
    "B28002": 13,
    "C16001": 38,
    "C16002": 14,
    "C17002": 8,
}

_CELLS = {
    "B01001_001E": "TotPop",
    "B02009_001E": "BlackAloneOrCombo",
    "B02010_001E": "AmerIndAloneorCombo",
    "B02011_001E": "AsianAloneOrCombo",
    "B02012_001E": "NatHawAloneOrCombo",
    "B03002_001E": "TotPop",
    "B03002_012E": "Hispanic",
    "B11005_001E": "TotHH",
    "B11005_005E": "HH_SingleParent",
    "B17001_001E": "Poverty_TOTAL",
    "B17001_002E": "Poverty_Less100",
    "B25001_001E": "HousingUnits_TOTAL",
    "B25003_001E": "TotHH",
    "B25003_002E": "Owner_TOTAL",
    "B25003_003E": "Renter_TOTAL",
    "B25007_001E": "TotHH",
    "B25008_001E": "TotPopinHHs",
    "B25014_001E": "TotHH",
    "B25024_001E": "HousingUnits_TOTAL",
    "B25038_001E": "TotHH",
    "B26001_001E": "GroupQuarter",
    "B28002_001E": "TotHH",
    "B28002_002E": "Internet",
    "B28002_003E": "DialUpOnly",
    "B28002_004E": "Broadband_Any",
    "B28002_005E": "Cellular",
    "B28002_006E": "CellularOnly",
    "B28002_007E": "Broadband_CableFiberOpticDSL",
    "B28002_008E": "Broadband_CableFiberOpticDSLOnly",
    "B28002_009E": "Satellite",
    "B28002_010E": "SatelliteOnly",
    "B28002_011E": "OtherOnly",
    "B28002_012E": "Internet_NoSub",
    "B28002_013E": "NoInternet",
    "C16002_001E": "TotHH",
    "C16002_004E": "LEPspanHHs",
    "C16002_007E": "LEPindoeurHHs",
    "C16002_010E": "LEPapacHHs",
    "C16002_013E": "LEPotherHHs",
    "C17002_001E": "Poverty_TOTAL",
    "C17002_008E": "Poverty_200Plus",
}

#: Column of the source, and the table and cells that it sums.
_SUMS = {
    "TotUnder5": ("B01001", (3, 27)),
    "HH_Owner_Crowded": ("B25014", (5, 6, 7)),
    "HH_Renter_Crowded": ("B25014", (11, 12, 13)),
    "Units_2to9": ("B25024", (4, 5, 6)),
    "Units_10Plus": ("B25024", (7, 8, 9)),
    "HHer15to34": ("B25007", (3, 4, 13, 14)),
    "HHer65plus": ("B25007", (9, 10, 11, 19, 20, 21)),
    "Moved2015later": ("B25038", (3, 4, 10, 11)),
    "Moved1989earlier": ("B25038", (8, 15)),
}

_PLANNING_COUNTS = {
    "Tot_Population_ACS_14_18": "TotPop",
    "Tot_Housing_Units_ACS_14_18": "HousingUnits_TOTAL",
    "Tot_Occp_Units_ACS_14_18": "TotHH",
    "Owner_Occp_HU_ACS_14_18": "Owner_TOTAL",
    "Renter_Occp_HU_ACS_14_18": "Renter_TOTAL",
    "Crowd_Occp_U_ACS_14_18": "HH_Crowded",
    "MLT_U2_9_STRC_ACS_14_18": "Units_2to9",
    "MLT_U10p_ACS_14_18": "Units_10Plus",
    "ENG_VW_ACS_14_18": "LEPHHs",
}

_PLANNING_SCORES = {
    "Low_Response_Score": "LowResponseScore",
    "Mail_Return_Rate_CEN_2010": "MailReturnRateCen2010",
}


def read_predictors(data: Path) -> pd.DataFrame:
    """Read the predictors: one row for each 2010 tract.

    ``Units_2to9`` and ``Poverty_200Plus`` are added.
    """
    table = pd.read_parquet(data / PREDICTORS)
    return table.assign(
        Units_2to9=table["Units_2Plus"] - table["Units_10Plus"],
        Poverty_200Plus=table["Poverty_TOTAL"] - table["Poverty_Less200"],
    )


def serve_acs(predictors: pd.DataFrame) -> ServedDataset:
    """Return ``2018/acs/acs5``: every cell and margin of the tables for each tract."""
    codes = [
        f"{table}_{cell:03d}E" for table, cells in _TABLES.items() for cell in range(1, cells + 1)
    ]
    margins = [f"{code[:-1]}M" for code in codes]
    labels = {
        "GEO_ID": "Geography",
        "NAME": "Geographic Area Name",
        **{code: f"Estimate!!{label_estimate(code, _ACS_VINTAGE)}" for code in codes},
        **dict.fromkeys(margins, "Margin of Error"),
    }
    notes = dict.fromkeys((*codes, *margins), "not in the real data")
    values: dict[str, pd.Series[str] | str] = {
        "GEO_ID": "1400000US" + predictors["GEOIDtxt"],
        "NAME": name_tracts(predictors["GEOIDtxt"]),
    }
    for code, column in _CELLS.items():
        values[code] = predictors[column].astype(str)
        notes[code] = f"{column} of the real data"
    for column, (table, cells) in _SUMS.items():
        first, *others = (f"{table}_{cell:03d}E" for cell in cells)
        values[first] = predictors[column].astype(str)
        values |= dict.fromkeys(others, "0")
        whole = " + ".join((first, *others))
        notes[first] = (
            f"Not this cell alone: {column} of the real data, which has only the sum {whole}"
        )
        notes |= dict.fromkeys(
            others, f"Not an estimate: 0, because {first} has the whole sum {whole}"
        )
    return _lay_out_rows(predictors, values, ["GEO_ID", "NAME", *codes, *margins], labels, notes)


def serve_planning_database(predictors: pd.DataFrame) -> ServedDataset:
    """Return ``2020/pdb/tract``; the two scores are from the 2019 edition."""
    values: dict[str, pd.Series[str] | str] = {
        "GIDTR": predictors["GEOIDtxt"],
        "State": predictors["StateFIPS"],
        "State_name": predictors["StateName"],
        "County": predictors["CountyFIPS"],
        "County_name": predictors["CountyName"],
        "Tract": predictors["GEOIDtxt"].str[5:],
    }
    labels, notes = dict.fromkeys(values, "Identifier"), {}
    for code, column in _PLANNING_COUNTS.items():
        values[code] = predictors[column].astype(str)
        labels[code] = code
        notes[code] = f"{column} of the real data, ACS 2014-2018"
    for code, column in _PLANNING_SCORES.items():
        scores = predictors[column].where(predictors[column] != _MISSING)
        values[code] = scores.map("{:.1f}".format, na_action="ignore")
        labels[code] = code
        notes[code] = f"{column} of the real data, from the 2019 planning database"
    return _lay_out_rows(predictors, values, list(values), labels, notes)


def _lay_out_rows(
    predictors: pd.DataFrame,
    values: "dict[str, pd.Series[str] | str]",
    columns: list[str],
    labels: dict[str, str],
    notes: dict[str, str],
) -> ServedDataset:
    """Put the columns in order, with missing ones, and the geography of a tract last."""
    rows = pd.DataFrame(values, index=predictors.index).reindex(columns=columns).astype(object)
    rows = rows.where(rows.notna(), None)
    geoid = predictors["GEOIDtxt"]
    rows = rows.assign(state=geoid.str[:2], county=geoid.str[2:5], tract=geoid.str[5:])
    return ServedDataset({"tract": rows}, labels, notes=notes)
