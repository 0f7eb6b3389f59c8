"""TikTok: lists of ZIPs, each short enough for one ad group. Form and limits: ``rules/tiktok.toml``."""

import pandas as pd

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.places import choose_places, split_places
from outreach.exporters.base.rules import load_rules


def write_tiktok(targets: pd.DataFrame, context: ExportContext) -> list[ExportFile]:
    """Write one list of ZIPs for each ad group, one a line.

    Raises
    ------
    ExportError
        A target is no ZIP, or the campaign recruits.
    """
    rules = load_rules("tiktok", context.rules_folder)
    parts = split_places(choose_places(targets, rules, context), rules)
    return [
        ExportFile(
            part.name_file("tiktok-zips", ".txt"),
            "".join(f"{place.place}\r\n" for place in part.zips).encode("ascii"),
        )
        for part in parts
    ]


EXPORTER = Exporter(
    title="TikTok (ZIP list)",
    write=write_tiktok,
    notes=(
        "Paste one list into one ad group; the API takes numeric IDs instead, which must be looked up.",
    ),
)
