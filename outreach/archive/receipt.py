"""Record what one intake brought into the archive."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from outreach import __version__
from outreach.phrasing import write_count, write_date


class Reply(BaseModel):
    """What one download brought for one data date, in rows."""

    model_config = ConfigDict(frozen=True)

    downloaded_at: dt.datetime
    data_date: dt.date
    new: int = Field(ge=0)
    known: int = Field(ge=0)
    changed: int = Field(ge=0)


class Receipt(BaseModel):
    """One intake: an append, or an imported file.

    Parameters
    ----------
    source
        An address without a key, or a file name.
    replies
        One for each download and data date; empty for a file without rates.
    counties
        FIPS codes (5 digits) of the counties of the rows.
    segments
        The files that were written.
    left_out
        Rows of the source that are not tracts.
    skipped_because
        Why a file was skipped; empty if it was not.
    tool
        Name and version of this tool.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    replies: tuple[Reply, ...] = ()
    counties: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    left_out: int = 0
    skipped_because: str = ""
    tool: str = f"census-outreach {__version__}"

    @property
    def downloaded_at(self) -> dt.datetime:
        """The time of its last download."""
        return max(reply.downloaded_at for reply in self.replies)

    @property
    def new(self) -> int:
        """Rows whose tract and date were not in the archive."""
        return sum(reply.new for reply in self.replies)

    @property
    def known(self) -> int:
        """Rows that were in the archive with the same figures."""
        return sum(reply.known for reply in self.replies)

    @property
    def changed(self) -> int:
        """Rows whose tract and date were in the archive with other figures; both are kept."""
        return sum(reply.changed for reply in self.replies)

    @property
    def data_dates(self) -> tuple[dt.date, ...]:
        """The data dates it brought, in order, each once."""
        return tuple(sorted({reply.data_date for reply in self.replies}))

    def __str__(self) -> str:
        if self.skipped_because:
            return f"{self.source}: skipped because {self.skipped_because}."
        dates = self.data_dates
        period = write_date(dates[0])
        if len(dates) > 1:
            period += f" to {write_date(dates[-1])} ({len(dates)} dates)"
        rows = f"{self.new:,} new, {self.known:,} already in the archive, {self.changed:,} changed"
        skipped = (
            f", {write_count(self.left_out, 'row')} left out (not tracts)" if self.left_out else ""
        )
        return f"{self.source}: {period}: rows: {rows}{skipped}."
