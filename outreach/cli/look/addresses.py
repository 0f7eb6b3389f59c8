"""Check a list of addresses against the Bureau's counts of homes."""

from pathlib import Path

import click


@click.group()
def addresses() -> None:
    """Check your addresses against the Bureau's counts of homes, block by block."""


@addresses.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--county", required=True, metavar="CODE", help="State and county, five digits: 17031."
)
@click.option(
    "--homes", default="", metavar="COLUMN", help="Column with the number of homes; one a row else."
)
@click.option(
    "--built",
    default="",
    metavar="COLUMN",
    help="Column with the year of building; homes built since the census are not compared.",
)
@click.option("--longitude", default="", metavar="COLUMN", help="Column of longitudes, in degrees.")
@click.option("--latitude", default="", metavar="COLUMN", help="Column of latitudes, in degrees.")
@click.option("--layer", metavar="LAYER", help="Layer of the file, where it has several.")
@click.option(
    "--location-error",
    "location_error_m",
    type=click.FloatRange(0.1, 500),
    metavar="METERS",
    help="How far points are off, one standard deviation; 10 by default (assumed).",
)
@click.option(
    "--not-a-home",
    "not_a_home_percent",
    type=click.FloatRange(0, 90),
    metavar="PERCENT",
    help="Part of the list that is no home; 0 to 5 by default, likely 2 (assumed).",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write; one in the service's folder by default.",
)
def check(  # noqa: PLR0913, PLR0917  each is an option of the command
    file: Path,
    county: str,
    homes: str,
    built: str,
    longitude: str,
    latitude: str,
    layer: str | None,
    location_error_m: float | None,
    not_a_home_percent: float | None,
    into: Path | None,
) -> None:
    """Compare FILE with the homes that the 2020 Census counted, and rank undercounted blocks.

    FILE is CSV, Excel, or Parquet with coordinates, or a map of points or parcels. What is written
    is about blocks and tracts; no address leaves the file.
    """
    from flows.addresses import check_addresses, describe_check, read_county
    from outreach.settings import read_settings
    from outreach.user_files.points import read_points

    code = read_county(county)
    points = read_points(
        file, longitude=longitude, latitude=latitude, homes=homes, built=built, layer=layer
    )
    found = check_addresses(
        points,
        code,
        read_settings(),
        into=into,
        location_error_m=location_error_m,
        not_a_home_percent=not_a_home_percent,
    )
    for line in describe_check(found):
        click.echo(line)
    for note in found.notes:
        click.echo(f"Note: {note}")
    click.echo(f"Table: {found.folder / 'blocks.csv'}")
    click.echo(f"Map: {found.folder / 'map.html'}")
