"""Write the districts and tracts of a committee's pack as tables for a spreadsheet."""

import pandas as pd

from outreach.reports.data.committee import PEOPLE, WHOLE, Committee
from outreach.reports.data.sites import ReportSites
from outreach.spreadsheet import write_csv

_CHANNELS = ("ads", "phone", "paper", "door")
_RATE_DECIMALS, _COUNT_DECIMALS = 4, 1


def write_tables(committee: Committee) -> dict[str, str]:
    """Return ``districts.csv`` and ``tracts.csv``, and ``places.csv`` where there are places.

    A district's row has what to expect with its range, who lives there, the households that speak
    little English by language, and what reaching each part of the need takes. The last row is all
    districts together. A tract that lies in several districts has a row in each, with
    the nearest place of each layer.
    """
    tables = {
        "districts.csv": write_csv(_tabulate_districts(committee), index=False),
        "tracts.csv": write_csv(_tabulate_tracts(committee), index=False),
    }
    sites = committee.view.sites
    if sites is None:
        return tables
    return tables | {"places.csv": write_csv(_tabulate_sites(committee, sites), index=False)}


def _tabulate_districts(committee: Committee) -> pd.DataFrame:
    """Return a row for each district, and one for all."""
    names = {
        **{str(key): str(name) for key, name in committee.figures.table["name"].items()},
        WHOLE: "all",
    }
    expected = pd.DataFrame({district: committee.expect(district) for district in names}).T
    expected.insert(0, "name", pd.Series(names))
    people = committee.people[list(PEOPLE)].add_suffix("_share")
    people = people.join(committee.people[list(committee.own)])
    languages = committee.languages.pivot_table(
        index="district", columns="code", values="households_count"
    )
    languages.columns = [f"little_english_{code}_households_count" for code in languages]

    table = expected.join(people).join(languages)
    for name, need in committee.teams.groupby("need_share"):
        own = need.set_index("district")
        columns = ["missing_households_count", "cost_usd", "hours_count", "staff_count"]
        columns += ["partners_count"]
        columns += [f"{channel}_{end}" for channel in _CHANNELS for end in ("homes_count", "usd")]
        table = table.join(own[columns].add_prefix(f"reach{round(100 * float(str(name)))}_"))
    return _round(table.rename(index={WHOLE: "all"}).rename_axis("district").reset_index())


def _tabulate_tracts(committee: Committee) -> pd.DataFrame:
    """Return a row for each tract of a district."""
    columns = ["geoid", "name", "weight", "households_count", "cumulative_share", "final_share"]
    columns += ["final_low80_share", "final_high80_share"]
    parts = committee.figures.parts
    table = parts[["district", *columns]].rename(columns={"weight": "weight_share"})
    table = table.join(committee.tracts, on="geoid", validate="many_to_one")
    table = table.rename(columns={"code": "handoff_language", "channel": "handoff_channel"})
    if committee.view.sites is not None:
        table = table.join(_list_nearest(committee.view.sites), on="geoid", validate="many_to_one")
    table.insert(1, "district_name", table["district"].map(committee.figures.table["name"]))
    return _round(table.sort_values(["district", "rank", "geoid"]))


def _tabulate_sites(committee: Committee, sites: ReportSites) -> pd.DataFrame:
    """Return a row for each place with its district, those in no district last."""
    table = pd.DataFrame(sites.table)
    table.insert(0, "district", sites.districts.reindex(table.index))
    names = committee.figures.table["name"]
    table.insert(1, "district_name", table["district"].map(names))
    return table.sort_values(["district", "layer", "name"], na_position="last").fillna(
        {"district": "", "district_name": ""}
    )


def _list_nearest(sites: ReportSites) -> pd.DataFrame:
    """Return by tract the nearest place of each layer, its miles, and whether that is far."""
    rows = sites.distances
    names = rows.assign(name=rows["site"].map(sites.table["name"]))
    parts = []
    for layer, own in names.groupby("layer", sort=False):
        columns = {
            "name": f"nearest_{layer}",
            "distance_miles": f"nearest_{layer}_miles",
            "is_far": f"far_from_{layer}",
        }
        parts.append(own.set_index("geoid")[list(columns)].rename(columns=columns))
    return pd.concat(parts, axis=1)


def _round(table: pd.DataFrame) -> pd.DataFrame:
    """Round shares to 0.01%, and counts and money to a tenth."""
    numbers = table.select_dtypes("number").columns
    decimals = {
        name: _RATE_DECIMALS if str(name).endswith("_share") else _COUNT_DECIMALS
        for name in numbers
    }
    return table.round(decimals)
