"""Define a layer of places that a campaign brings: libraries, help sites, kiosks."""

from typing import Self

from pydantic import Field, model_validator

from outreach.campaign.forms import Name, Number, PlainText, Switch
from outreach.campaign.parts import CampaignPart


class PlaceLayer(CampaignPart):
    """Places of one file where people get help to respond.

    The map shows them, and pages of districts list them with their hours. Only the columns that
    are named here are read, but for name and coordinates, which are found by what they are called.
    """

    name: PlainText = Field(description='what people call these places: "Libraries"')
    file: str = Field(
        min_length=1,
        description=(
            "CSV, Excel, Parquet, GeoJSON, GeoPackage, or shapefile: a path, or an address on the"
            " web"
        ),
    )
    layer: str | None = Field(
        default=None, min_length=1, description="layer of the file, where it has several"
    )
    name_column: Name | None = Field(
        default=None, description='the column of names; by default the one called "name" or so'
    )
    latitude_column: Name | None = Field(
        default=None,
        description='a table\'s column of degrees north; by default "latitude", "lat", or "y"',
    )
    longitude_column: Name | None = Field(
        default=None,
        description='a table\'s column of degrees east; by default "longitude", "lon", or "x"',
    )
    kind: PlainText | None = Field(
        default=None,
        description='what one of them is, such as "library", where kind_column says nothing',
    )
    kind_column: Name | None = Field(
        default=None, description="the column of kinds; each has a mark of its own on the map"
    )
    hours_column: Name | None = Field(
        default=None, description="the column of opening hours, which are shown as they stand"
    )
    address_column: Name | None = None
    phone_column: Name | None = Field(
        default=None, description="the column of phone numbers, which are published, too"
    )
    languages_column: Name | None = Field(
        default=None, description="the column of languages that are spoken there"
    )
    link_column: Name | None = Field(
        default=None, description="the column of addresses on the web, https:// or http://"
    )
    far_miles: Number = Field(
        default=1.0,
        ge=0.1,
        le=100,
        description=(
            "target tracts farther than this from each of these places, in a straight line, are"
            " listed"
        ),
    )
    public: Switch = Field(
        default=True, description="whether the public map and pages show these places, too"
    )

    @model_validator(mode="after")
    def _check_coordinates(self) -> Self:
        if (self.latitude_column is None) != (self.longitude_column is None):
            raise ValueError(
                "latitude_column and longitude_column belong together; set both or neither"
            )
        return self
