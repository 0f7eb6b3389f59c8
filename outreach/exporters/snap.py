"""Write ZIP lists and circles for Snap, to paste or type into its ads manager.

Form and limits: ``rules/snap.toml``.
"""

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.plain_lists import write_plain_lists
from outreach.tables import DataFrame, Targets


def write_snap(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write the ZIPs or circles of each campaign, and a table of the campaigns to create.

    Raises
    ------
    ExportError
        A target is neither ZIP nor pin, or the ads recruit with small areas.
    """
    return write_plain_lists("snap", targets, context)


EXPORTER = Exporter(
    title="Snapchat (ZIP list and circles)",
    write=write_snap,
    notes=("No upload format of Snap was found, so the lists are for pasting and typing.",),
)
