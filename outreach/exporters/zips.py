"""Write plain ZIP lists in the forms that most platforms accept.

Form and limits: ``rules/zips.toml``.
"""

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.parts import Part, make_parts
from outreach.exporters.base.places import choose_places
from outreach.exporters.base.plain_lists import write_campaigns, write_zip_lines
from outreach.exporters.base.rules import PlatformRules, load_rules
from outreach.tables import DataFrame, Targets


def write_zips(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write the ZIPs of each language one on a line, separated by commas, and with the country.

    ``zips.txt`` and ``zips_comma.txt`` have all ZIPs. A line of ``zips_country.csv`` is
    ``USA,60601``; the file has no header and comes in parts that platforms accept. More ZIPs than
    the smallest limit also come as ``zips_small-part-1-of-2.txt``.

    Raises
    ------
    ExportError
        A target is not a ZIP, or the ads recruit.
    """
    rules = load_rules("zips", context.rules_folder)
    places = choose_places(targets, rules, context)
    parts = make_parts(places, targets, rules, context.brief.languages)
    files = []
    for language in dict.fromkeys(part.languages for part in parts):
        own = [part for part in parts if part.languages == language]
        files += _write_whole_list(own, rules)
        for part in own:
            lines = "".join(f"{rules.word('country')},{place.code}\r\n" for place in part.zips)
            name = part.name_file("zips_country", ".csv")
            files.append(ExportFile(name, lines.encode("ascii")))
    return [*files, write_campaigns(parts, targets, rules, context)]


def _write_whole_list(parts: list[Part], rules: PlatformRules) -> list[ExportFile]:
    """Write all ZIPs of a language, and the small parts of a long list."""
    first = parts[0]
    zips = tuple(place for part in parts for place in part.zips)
    whole = Part(1, 1, zips, first.languages, first.is_shared)
    comma = ",".join(place.code for place in zips).encode("ascii") + b"\r\n"
    files = [
        ExportFile(whole.name_file("zips", ".txt"), write_zip_lines(whole)),
        ExportFile(whole.name_file("zips_comma", ".txt"), comma),
    ]

    size = int(rules.word("small_part"))
    if len(zips) > size:
        starts = range(0, len(zips), size)
        for number, start in enumerate(starts, 1):
            piece = Part(
                number, len(starts), zips[start : start + size], first.languages, first.is_shared
            )
            name = piece.name_file("zips_small", ".txt")
            files.append(ExportFile(name, write_zip_lines(piece)))
    return files


EXPORTER = Exporter(
    title="ZIP lists",
    write=write_zips,
    notes=("Hand the files over unopened: a spreadsheet that saves them removes leading zeros.",),
)
