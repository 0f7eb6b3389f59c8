"""Write ZIP lists and circles for Nextdoor, to paste or type into its ads manager.

Form and limits: ``rules/nextdoor.toml``.
"""

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.plain_lists import write_plain_lists
from outreach.tables import DataFrame, Targets


def write_nextdoor(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write the ZIPs or circles of each campaign, and a table of the campaigns to create.

    Raises
    ------
    ExportError
        A target is neither ZIP nor pin, or the ads recruit with small areas.
    """
    return write_plain_lists("nextdoor", targets, context)


EXPORTER = Exporter(
    title="Nextdoor (ZIP list and circles)",
    write=write_nextdoor,
    notes=("No upload format of Nextdoor was found, so the lists are for pasting and typing.",),
)
