"""Read points with a radius back."""

from outreach.exporters.base.rules import KM_PER_MILE
from outreach.exporters.check.plain_lists import read_campaigns
from outreach.exporters.check.readback import FileReader, Readback, point_code
from outreach.units import UnitKind

#: The tables may differ by this much (1 m) for the sake of round figures.
_TOLERANCE_KM = 0.001


def read_points(readback: Readback) -> None:
    """Read the circles in kilometers, and check the other tables against them."""
    rules = readback.rules
    for file in readback.find_files("points_km"):
        radii = {}
        for row in readback.read_table(file, rules.header("circles"), bom=rules.bom.value):
            point = point_code(row["latitude"], row["longitude"])
            radii[point] = float(row["radius"])
            readback.add_place(file, file.name, UnitKind.PIN, point, radius=radii[point])

        name = file.name.replace("points_km", "points_miles")
        for other in readback.find_files(name):
            for row in readback.read_table(other, rules.header("circles"), bom=rules.bom.value):
                point = point_code(row["latitude"], row["longitude"])
                radius_km = float(row["radius"]) * KM_PER_MILE
                same = abs(radii.get(point, 0.0) - radius_km) <= _TOLERANCE_KM
                readback.require(other, same, "a circle is not the same as in kilometers")
        for other in readback.find_files(file.name.replace("points_km", "points_named")):
            rows = readback.read_table(other, rules.header("named"), bom=rules.bom.value)
            points = {point_code(row["latitude"], row["longitude"]) for row in rows}
            readback.require(other, points == set(radii), "its points are not the same")
    read_campaigns(readback)


READER = FileReader(read_points)
