"""Write carrier routes for Every Door Direct Mail, from the user's own route file.

The Postal Service names a route by nine characters: five digits of the ZIP, a letter, and three
digits. Form: ``rules/eddm.toml``.
"""

import re

import pandas as pd

from outreach.errors import ExportError, InputError
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.place_ids import write_unmatched
from outreach.exporters.base.places import choose_places
from outreach.exporters.base.rules import PlatformRules, load_rules
from outreach.spreadsheet import write_table
from outreach.tables import DataFrame, Targets
from outreach.user_files.table import read_table

#: One letter for the kind of route (city, rural, highway, box, general delivery) and its number.
_ROUTE = re.compile(r"[A-Z][0-9]{3}")


def write_eddm(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write the carrier routes in the targeted ZIPs, and the ZIPs without any.

    Raises
    ------
    ExportError
        There is no route file, none of the ZIPs is in it, or a target is not a ZIP.
    InputError
        The route file cannot be read, or a route is not a letter and three digits.
    """
    rules = load_rules("eddm", context.rules_folder)
    places = choose_places(targets, rules, context)
    routes = _read_routes(rules, context)
    codes = [place.code for place in places]
    chosen = routes[routes["zip"].isin(codes)]
    if chosen.empty:
        raise ExportError(
            f"None of the {len(places):,} ZIPs is in {context.routes}.",
            "Get the carrier routes of these ZIPs, and name the file with --routes.",
        )

    # The best ZIPs first, and their routes in order.
    order = chosen["zip"].map({code: number for number, code in enumerate(codes)})
    ordered = chosen.assign(order=order).sort_values(["order", "route"], kind="stable")
    rows = [
        (zip_code, route, f"{zip_code}{route}", households)
        for zip_code, route, households in ordered[["zip", "route", "households"]].itertuples(
            index=False
        )
    ]
    lines = "".join(f"{row[2]}\r\n" for row in rows)
    unmatched = [place for place in places if place.code not in set(chosen["zip"])]
    return [
        ExportFile("eddm-routes.csv", write_table(rows, rules.header("list"), bom=rules.bom.value)),
        ExportFile("eddm-routes.txt", lines.encode("ascii")),
        *write_unmatched(unmatched, "not in the route file", "eddm-unmatched-zips.csv", rules),
    ]


def _read_routes(rules: PlatformRules, context: ExportContext) -> pd.DataFrame:
    """Return the routes of the user's file: ``zip``, ``route``, and ``households`` as text."""
    if context.routes is None:
        raise ExportError(
            "Carrier routes are in no public file that the service knows.",
            "Get them from the Postal Service's EDDM tool or your mail house, and name the file"
            f" with --routes. It needs the columns {', '.join(rules.header('routes'))}.",
        )
    columns = rules.header("routes")
    table = read_table(context.routes, "The file of carrier routes", columns)
    routes = table[list(columns)].set_axis(["zip", "route", "households"], axis=1)
    routes = routes.assign(
        zip=routes["zip"].str.strip().str.zfill(5), route=routes["route"].str.strip().str.upper()
    )
    wrong = routes[~routes["route"].map(lambda route: bool(_ROUTE.fullmatch(route)))]
    if len(wrong):
        raise InputError(
            f"{context.routes}: the carrier route {wrong['route'].iloc[0]!r} is not a letter and"
            " three digits, such as C001.",
            f"Give the ZIP and the route in two columns, {' and '.join(columns[:2])}.",
        )
    return routes.drop_duplicates(["zip", "route"])


EXPORTER = Exporter(
    title="EDDM (carrier routes)",
    write=write_eddm,
    notes=("Whole ZIPs are mailed, all routes of each; strike off the ones you do not want.",),
)
