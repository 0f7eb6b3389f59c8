"""What the ledger says of an intake: which dates came, when, and how many rows were new, known or changed."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from outreach import __version__


class Reply(BaseModel):
    """What one download brought for one data date, in rows."""

    model_config = ConfigDict(frozen=True)

    downloaded_at: dt.datetime
    data_date: dt.date
    new: int = Field(ge=0)
    known: int = Field(ge=0)
    changed: int = Field(ge=0)


class Receipt(BaseModel):
    """One intake: an append, or a file that was imported.

    ``counties`` are the FIPS codes (5 digits) that the rows lie in, ``segments`` the files that
    were written, ``left_out`` the rows of the source that are no tracts. A file of a folder that
    holds no rates has no replies and ``passed_over`` says why.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    replies: tuple[Reply, ...] = ()
    counties: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    left_out: int = 0
    passed_over: str = ""
    tool: str = f"census-outreach {__version__}"

    @property
    def downloaded_at(self) -> dt.datetime:
        """When the last of its downloads was made."""
        return max(reply.downloaded_at for reply in self.replies)

    @property
    def new(self) -> int:
        """Rows of which nothing was known."""
        return sum(reply.new for reply in self.replies)

    @property
    def known(self) -> int:
        """Rows that were known with the same figures."""
        return sum(reply.known for reply in self.replies)

    @property
    def changed(self) -> int:
        """Rows whose tract and date were known with other figures; both are kept."""
        return sum(reply.changed for reply in self.replies)

    @property
    def data_dates(self) -> tuple[dt.date, ...]:
        """The data dates that came, in order, each once."""
        return tuple(sorted({reply.data_date for reply in self.replies}))

    def __str__(self) -> str:
        if self.passed_over:
            return f"{self.source}: passed over, {self.passed_over}."
        dates = self.data_dates
        period = (
            f"{dates[0]}" if len(dates) == 1 else f"{dates[0]} to {dates[-1]} ({len(dates)} dates)"
        )
        left = f", {self.left_out:,} that are no tracts left out" if self.left_out else ""
        return f"{self.source}: {period}: {self.new:,} rows new, {self.known:,} known, {self.changed:,} changed{left}."
