"""Define a figure of tracts that a campaign brings in a file of its own."""

import datetime as dt
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, StringConstraints, field_validator, model_validator

from outreach.campaign.forms import IndicatorName, Name, PlainText, Switch, Whole
from outreach.campaign.parts import CampaignPart

#: What the name of every indicator's column begins with.
INDICATOR_PREFIX = "indicator_"
#: The ending of the column by unit; percentages are shares inside.
_ENDINGS = {
    "percent": "share",
    "share": "share",
    "count": "count",
    "usd": "usd",
    "index": "score",
    "class": "class",
}
#: When figures were counted: a year, or a day of it.
Moment = Annotated[str, StringConstraints(pattern=r"^(19|20)\d{2}(-\d{2}-\d{2})?$")]
#: A legend of more classes cannot be read; a class alone shows nothing.
_FEWEST_CLASSES, _MOST_CLASSES = 2, 8


class Indicator(CampaignPart):
    """A figure of tracts from the user's file: health, housing, calls to 311.

    It is a column of the tracts, a layer of the map, and a line of its popups, and, where the
    campaign wishes, a predictor of response and a column of the open data.
    """

    name: IndicatorName = Field(description="the middle of its column's name: indicator_NAME_share")
    title: PlainText = Field(description="what people call it, on the map and in explanations")
    file: str = Field(
        min_length=1, description="CSV, Excel, or Parquet: a path, or an address on the web"
    )
    tract_column: Name = Field(description="the column of eleven-digit tract codes")
    value_column: Name = Field(description="the column of figures")
    unit: Literal["percent", "share", "count", "usd", "index", "class"] = Field(
        description=(
            'what the figures are: "percent" (0 to 100), "share" (0 to 1), "count", "usd" (a'
            ' median or mean in US dollars), "index" (any number), or "class" (a word of a few)'
        )
    )
    classes: tuple[PlainText, ...] = Field(
        default=(),
        description=(
            'for unit = "class": the words of the column, two to eight, in the order of the legend'
        ),
    )
    value_is: PlainText | None = Field(
        default=None,
        description=(
            'for a column of classes in words, with unit = "share": the class that counts as 1,'
            " where all others count as 0"
        ),
    )
    vintage: Whole = Field(ge=1990, le=2100, description="the year that the figures are of")
    day: dt.date | None = Field(
        default=None,
        description="the day that the figures are of, where the year alone says too little",
    )
    earlier: dict[Moment, Name] = Field(
        default_factory=dict,
        description=(
            "columns of the same figure at earlier times, by year or day, for the series of season"
            ' pages and public site: { 2023 = "calls_2023", "2024-03-31" = "calls_march" }'
        ),
    )
    source: PlainText = Field(description="who published them, named on map and open data")
    tract_year: Literal[2010, 2020, 2030] = Field(
        default=2020,
        description=(
            "census year of the file's tracts: 2010, 2020, or 2030; Connecticut's codes from 2022"
            " on are tracts of 2020"
        ),
    )
    predictor: Switch = Field(
        default=False, description="whether forecasts and scores may learn from it"
    )
    last_column: Name | None = Field(
        default=None,
        description=(
            "for a predictor of a plan: the column of the same figure on the eve of the last"
            " census, from which a plan learns what it means"
        ),
    )
    last_vintage: Whole | None = Field(
        default=None, ge=1990, le=2100, description="the year of last_column"
    )
    partial: Switch = Field(
        default=False,
        description="whether the file covers only a part of the area on purpose, such as a city",
    )
    public: Switch = Field(
        default=False, description="whether it is published on the site and in the open data"
    )

    @field_validator("tract_year", mode="before")
    @classmethod
    def _check_tract_year(cls, year: Any) -> Any:
        years = get_args(cls.model_fields["tract_year"].annotation)
        if type(year) is int and year not in years:
            census = max((each for each in years if each < year), default=0)
            raise ValueError(
                f"must be the census whose tracts the codes are of, {years[0]}, {years[1]}, or"
                f" {years[2]}, not {year}"
                + (f"; for codes of {year}, Connecticut's too, that is {census}" if census else "")
            )
        return year

    @model_validator(mode="after")
    def _check_predictor(self) -> Self:
        if (self.last_column is None) != (self.last_vintage is None):
            raise ValueError("last_column and last_vintage belong together; set both or neither")
        if self.last_column is not None and not self.predictor:
            raise ValueError("last_column is for a predictor; set predictor = true, or remove it")
        if self.value_is is not None and self.unit != "share":
            raise ValueError('value_is is for a column of classes; set unit = "share", or leave it')
        self._check_classes()
        if self.partial and self.predictor:
            raise ValueError(
                "a predictor must cover the whole area; set partial = false or predictor = false"
            )
        return self

    @model_validator(mode="after")
    def _check_moments(self) -> Self:
        if self.day is not None and self.day.year != self.vintage:
            raise ValueError(
                f"day is {self.day}, but vintage is {self.vintage}; both say when the same figures"
                " were counted"
            )
        last = date_moment(self.moment)
        for moment in self.earlier:
            if date_moment(moment) >= last:
                raise ValueError(
                    f"earlier has {moment}, which is not before {self.moment}, the time of"
                    " value_column; name earlier times only"
                )
        return self

    def _check_classes(self) -> None:
        """Refuse classes that no legend can show, or that no unit asks for."""
        if self.unit != "class":
            if self.classes:
                raise ValueError('classes are for a column of words; set unit = "class"')
            return
        if not _FEWEST_CLASSES <= len(self.classes) <= _MOST_CLASSES:
            raise ValueError(
                f'unit = "class" needs classes, {_FEWEST_CLASSES} to {_MOST_CLASSES} words of the'
                ' column, such as classes = ["Internet First", "Internet Choice"]'
            )
        words = [name.strip().casefold() for name in self.classes]
        repeated = next((name for name in self.classes if words.count(name.casefold()) > 1), None)
        if repeated is not None:
            raise ValueError(f"classes has '{repeated}' twice; name each class once")
        if self.earlier:
            raise ValueError("earlier is for figures; a column of words has no series, so leave it")
        if self.predictor:
            raise ValueError(
                "a column of words cannot be a predictor; set predictor = false, or bring one"
                ' class with unit = "share" and value_is'
            )

    @property
    def column(self) -> str:
        """Its column in the tables; the ending is the unit inside."""
        return f"{INDICATOR_PREFIX}{self.name}_{_ENDINGS[self.unit]}"

    @property
    def moment(self) -> str:
        """When the figures were counted: their day, or only their year."""
        return str(self.vintage) if self.day is None else self.day.isoformat()

    @property
    def columns(self) -> dict[str, str]:
        """Its columns in the tables by moment, the oldest first and :attr:`column` last."""
        earlier = {
            moment: f"{INDICATOR_PREFIX}{self.name}_{moment.replace('-', '')}_{_ENDINGS[self.unit]}"
            for moment in sorted(self.earlier, key=date_moment)
        }
        return {**earlier, self.moment: self.column}

    def check_years(self, census_year: int) -> None:
        """Refuse a predictor that nobody could have known before the census.

        Raises
        ------
        ValueError
            Its figures are younger than the census, or those of the eve than the last one.
        """
        if self.predictor and self.vintage > census_year:
            raise ValueError(
                f"the indicator '{self.name}' is of {self.vintage}, after the census of"
                f" {census_year}, so it cannot be a predictor; set predictor = false"
            )
        if self.last_vintage is not None and self.last_vintage > census_year - 10:
            raise ValueError(
                f"last_vintage of the indicator '{self.name}' is {self.last_vintage}, after the"
                f" last census of {census_year - 10}; name figures that were known before it"
            )


def date_moment(moment: str) -> dt.date:
    """Return the day of a moment; a year alone stands in its middle.

    Raises
    ------
    ValueError
        There is no such day.
    """
    if "-" not in moment:
        return dt.date(int(moment), 7, 1)
    try:
        return dt.date.fromisoformat(moment)
    except ValueError as error:
        raise ValueError(f"{moment} is no day; write it as 2024-03-31") from error
