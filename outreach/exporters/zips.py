"""Plain lists of ZIPs: one a line, and with the country before it. Form and limits: ``rules/zips.toml``."""

import pandas as pd

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.places import choose_places, split_places
from outreach.exporters.base.rules import load_rules


def write_zips(targets: pd.DataFrame, context: ExportContext) -> list[ExportFile]:
    """Write ``zips.txt`` with all ZIPs, and ``zips_country.csv`` (``USA,60601``, no header) in parts that platforms take.

    Raises
    ------
    ExportError
        A target is no ZIP.
    """
    rules = load_rules("zips", context.rules_folder)
    places = choose_places(targets, rules, context)
    files = [
        ExportFile("zips.txt", "".join(f"{place.place}\r\n" for place in places).encode("ascii"))
    ]
    for part in split_places(places, rules):
        lines = "".join(f"{rules.word('country')},{place.place}\r\n" for place in part.zips)
        files.append(ExportFile(part.name_file("zips_country", ".csv"), lines.encode("ascii")))
    return files


EXPORTER = Exporter(
    title="ZIP lists",
    write=write_zips,
    notes=(
        "Hand the files over as they are: a spreadsheet that opens and saves them strips leading zeros.",
    ),
)
