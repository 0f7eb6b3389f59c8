"""Write ZIP lists for TikTok, one for each ad group.

Form and limits: ``rules/tiktok.toml``.
"""

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.plain_lists import write_plain_lists
from outreach.tables import DataFrame, Targets


def write_tiktok(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write one list of ZIPs for each ad group, and a table of the ad groups to create.

    Raises
    ------
    ExportError
        A target is not a ZIP, or the ads recruit.
    """
    return write_plain_lists("tiktok", targets, context)


EXPORTER = Exporter(
    title="TikTok (ZIP list)",
    write=write_tiktok,
    notes=(
        "Government bodies can advertise only through TikTok's sales staff. Call them first.",
        (
            "Paste one list into one ad group. The API takes numeric IDs instead, which you must"
            " look up."
        ),
    ),
)
