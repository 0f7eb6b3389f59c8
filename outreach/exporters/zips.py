"""Write plain ZIP lists, with and without the country.

Form and limits: ``rules/zips.toml``.
"""

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.parts import split_places
from outreach.exporters.base.places import choose_places
from outreach.exporters.base.rules import load_rules
from outreach.tables import DataFrame, Targets


def write_zips(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write ``zips.txt`` with all ZIPs, and ``zips_country.csv`` in parts that platforms accept.

    A line of ``zips_country.csv`` is ``USA,60601``; the file has no header.

    Raises
    ------
    ExportError
        A target is not a ZIP.
    """
    rules = load_rules("zips", context.rules_folder)
    places = choose_places(targets, rules, context)
    codes = "".join(f"{place.code}\r\n" for place in places)
    files = [ExportFile("zips.txt", codes.encode("ascii"))]
    for part in split_places(places, rules):
        lines = "".join(f"{rules.word('country')},{place.code}\r\n" for place in part.zips)
        files.append(ExportFile(part.name_file("zips_country", ".csv"), lines.encode("ascii")))
    return files


EXPORTER = Exporter(
    title="ZIP lists",
    write=write_zips,
    notes=("Hand the files over unopened: a spreadsheet that saves them removes leading zeros.",),
)
