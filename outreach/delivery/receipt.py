"""Say what one import of a report changed."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field


class Correction(BaseModel):
    """A day of one campaign that a later report changed.

    Parameters
    ----------
    channel, campaign, day
        What was corrected.
    impressions_before, impressions_after, spend_before_usd, spend_after_usd
        What the earlier report and the later one say.
    places_gone_count
        Places that the earlier report had and the later one has not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: str
    campaign: str
    day: dt.date
    impressions_before: float
    impressions_after: float
    spend_before_usd: float
    spend_after_usd: float
    places_gone_count: int = 0


class Receipt(BaseModel):
    """What one import of a report changed; nothing was stored if it has no segment.

    Parameters
    ----------
    number
        Counts the imports of a flight from 1; 0 if nothing was stored.
    platform, file, file_sha256, time_zone
        Whose report, and what file it was.
    imported_at
        When.
    first_day, last_day
        Of the rows of this flight.
    rows_count, impressions_count, spend_usd
        What the report has of this flight.
    new_count, unchanged_count
        Days of a campaign that were not known, and that were known just so.
    corrections
        Days of a campaign that supersede what was known.
    foreign
        Money of other campaigns in the file, by name; it is left out.
    notes, warnings
        Sentences for people, as they were said on that day.
    segment, segment_sha256
        The file with the rows that were stored, and its hash.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = 0
    platform: str
    file: str
    file_sha256: str
    time_zone: str = ""
    imported_at: dt.datetime
    first_day: dt.date
    last_day: dt.date
    rows_count: int
    impressions_count: float
    spend_usd: float
    new_count: int = 0
    unchanged_count: int = 0
    corrections: tuple[Correction, ...] = ()
    foreign: dict[str, float] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    segment: str = ""
    segment_sha256: str = ""
