"""Write circles as points with a radius, for programmatic ads, connected TV, and out-of-home.

Form and limits: ``rules/points.toml``.
"""

from collections.abc import Sequence

from outreach.exporters.base.cells import format_degrees, format_figure
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.parts import Part, make_parts
from outreach.exporters.base.places import Place, choose_places
from outreach.exporters.base.plain_lists import write_campaigns
from outreach.exporters.base.rules import KM_PER_MILE, PlatformRules, load_rules
from outreach.spreadsheet import Cell, write_table
from outreach.tables import DataFrame, Targets


def write_points(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write each list of circles in kilometers, in miles, and without a radius.

    Raises
    ------
    ExportError
        A target is not a pin, or the ads recruit with small circles.
    """
    rules = load_rules("points", context.rules_folder)
    places = choose_places(targets, rules, context)
    parts = make_parts(places, targets, rules, context.brief.languages)
    files = []
    for part in parts:
        for unit, km_per_unit in (("km", 1.0), ("miles", KM_PER_MILE)):
            files.append(_write_circles(part, unit, km_per_unit, rules))
        named = [(*_locate(pin), rules.cut_label(_name_point(pin))) for pin in part.pins]
        content = write_table(named, rules.header("named"), bom=rules.bom.value)
        files.append(ExportFile(part.name_file("points_named", ".csv"), content))
    return [*files, write_campaigns(parts, targets, rules, context)]


def _write_circles(part: Part, unit: str, km_per_unit: float, rules: PlatformRules) -> ExportFile:
    """Write the circles with their radius in one unit."""
    rows: list[Sequence[Cell]] = [
        (
            *_locate(pin),
            format_figure(pin.radius / km_per_unit, 6),
            rules.cut_label(_name_point(pin)),
        )
        for pin in part.pins
    ]
    content = write_table(rows, rules.header("circles"), bom=rules.bom.value)
    return ExportFile(part.name_file(f"points_{unit}", ".csv"), content)


def _locate(pin: Place) -> tuple[Cell, Cell]:
    """Return latitude and longitude as cells."""
    return format_degrees(pin.latitude), format_degrees(pin.longitude)


def _name_point(pin: Place) -> str:
    """Return a label that tells each point from all others."""
    return f"{pin.label} ({pin.unit_id})"


EXPORTER = Exporter(
    title="Points with a radius (CSV)",
    write=write_points,
    notes=("The unit of the radius is in the file's name. points_named.csv has no radius.",),
)
