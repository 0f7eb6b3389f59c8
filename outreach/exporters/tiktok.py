"""Write ZIP lists for TikTok, one for each ad group.

Form and limits: ``rules/tiktok.toml``.
"""

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.parts import split_places
from outreach.exporters.base.places import choose_places
from outreach.exporters.base.rules import load_rules
from outreach.tables import DataFrame, Targets


def write_tiktok(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write one list of ZIPs for each ad group, one ZIP on each line.

    Raises
    ------
    ExportError
        A target is not a ZIP, or the ads recruit.
    """
    rules = load_rules("tiktok", context.rules_folder)
    parts = split_places(choose_places(targets, rules, context), rules)
    return [
        ExportFile(
            part.name_file("tiktok-zips", ".txt"),
            "".join(f"{place.code}\r\n" for place in part.zips).encode("ascii"),
        )
        for part in parts
    ]


EXPORTER = Exporter(
    title="TikTok (ZIP list)",
    write=write_tiktok,
    notes=(
        (
            "Paste one list into one ad group. The API takes numeric IDs instead, which you must"
            " look up."
        ),
    ),
)
