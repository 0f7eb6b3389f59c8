"""Keep what platforms report for one flight, append-only.

A folder holds immutable segments of rows (``reports/``) and a receipt for each import
(``receipts/``). A day of one campaign in one language is the unit: the last report of it counts as
a whole, and the earlier ones stay. A segment counts once its receipt is there, so a crash leaves
nothing half-written.
"""

import contextlib
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from outreach.delivery.receipt import Correction, Receipt
from outreach.errors import InputError, StoreError
from outreach.files import create_file, read_record, write_file
from outreach.phrasing import write_date
from outreach.tables import DataFrame, Delivery, as_table, check

#: What one report of a day replaces as a whole.
_GROUP = ["channel", "campaign", "language", "day"]
#: Figures of a row by which two reports of it are the same.
_FIGURES = ["impressions_count", "spend_usd", "clicks_count", "reach_count", "frequency"]
#: Figures that not every report has; one without them does not change what is known of them.
_CLAIMS = ("conversions_count", "lift_count")
_DECIMALS = 6
#: Of several processes that import at once, each one waits for the others so many times.
_TRIES = 20


@dataclass(frozen=True, slots=True)
class DeliveryLedger:
    """The reports of one flight.

    Parameters
    ----------
    folder
        Where it is; the first import makes it.
    """

    folder: Path

    def record(self, delivery: DataFrame[Delivery], draft: Receipt) -> Receipt:
        """Store what a report adds or corrects.

        Parameters
        ----------
        delivery
            The rows of this flight.
        draft
            The receipt, without what the ledger finds out.

        Returns
        -------
        Receipt
            With what was new, the same, and corrected. Where nothing is new or corrected, nothing
            is stored, and it has no number.

        Raises
        ------
        StoreError
            The ledger is damaged, or cannot be written.
        InputError
            The report names no places of a day that an earlier one told by place.
        """
        for _ in range(_TRIES):
            receipt, rows = self._compare(delivery, draft)
            if not receipt.new_count and not receipt.corrections:
                return receipt
            buffer = io.BytesIO()
            rows.to_parquet(buffer, compression="zstd")
            content = buffer.getvalue()
            digest = hashlib.sha256(content).hexdigest()
            number = len(self.receipts()) + 1
            name = f"reports/{number:04d}-{digest[:12]}.parquet"
            complete = receipt.model_copy(
                update={"number": number, "segment": name, "segment_sha256": digest}
            )
            # The receipt is last: without it the rows do not count.
            with _explain_writing(self.folder):
                write_file(self.folder / name, content)
                with contextlib.suppress(FileExistsError):
                    path = self.folder / "receipts" / f"{number:04d}.json"
                    create_file(path, complete.model_dump_json(indent=1))
                    return complete
        raise StoreError(
            f"Other processes keep writing to {self.folder}.", "Import the report again later."
        )

    def read(self) -> DataFrame[Delivery]:
        """Return the rows that count: of each day of a campaign, those of its last report.

        Raises
        ------
        StoreError
            A segment or a receipt is gone or damaged.
        """
        parts = [self._read_segment(receipt) for receipt in self.receipts()]
        return _choose_last(parts)

    def preview(self, delivery: DataFrame[Delivery]) -> DataFrame[Delivery]:
        """Return the rows that would count after an import of some rows."""
        return _choose_last([self.read().assign(import_number=0), delivery.assign(import_number=1)])

    def receipts(self) -> list[Receipt]:
        """Return the receipts, the oldest first."""
        todo = "Restore it from a backup; without it the reports cannot be told apart."
        return [
            read_record(path, Receipt, "receipt of an import", todo)
            for path in sorted((self.folder / "receipts").glob("[0-9]*.json"))
        ]

    def _compare(
        self, delivery: DataFrame[Delivery], draft: Receipt
    ) -> tuple[Receipt, pd.DataFrame]:
        """Return the receipt with what is new and corrected, and the rows to store."""
        known = self.read()
        earlier = dict(iter(known.groupby(_GROUP))) if len(known) else {}
        stored, corrections, new, unchanged = [], [], 0, 0
        for key, rows in delivery.groupby(_GROUP):
            before = earlier.get(key)
            if before is None:
                new += 1
            elif _is_same(before, rows):
                unchanged += 1
                continue
            else:
                _refuse_coarser(before, rows)
                corrections.append(_describe_correction(before, rows))
            stored.append(rows)
        receipt = draft.model_copy(
            update={
                "new_count": new,
                "unchanged_count": unchanged,
                "corrections": tuple(corrections),
            }
        )
        return receipt, pd.concat(stored, ignore_index=True) if stored else delivery.iloc[:0]

    def _read_segment(self, receipt: Receipt) -> pd.DataFrame:
        """Read the rows of one import."""
        path = self.folder / receipt.segment
        todo = "Restore it from a backup, or remove the folder and import the reports again."
        try:
            content = path.read_bytes()
        except OSError as error:
            reason = error.strerror or "it cannot be opened"
            raise StoreError(f"Cannot read {path}: {reason}.", todo) from error
        if hashlib.sha256(content).hexdigest() != receipt.segment_sha256:
            raise StoreError(f"{path} was changed or damaged.", todo)
        rows = pd.read_parquet(io.BytesIO(content)).assign(import_number=receipt.number)
        return check(rows, Delivery, str(path))


def _choose_last(parts: list[pd.DataFrame]) -> DataFrame[Delivery]:
    """Return of each group the rows of its last import."""
    if not parts:
        columns = Delivery.to_schema().columns
        empty = pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
        return check(empty, Delivery, "an empty ledger")
    rows = pd.concat(parts, ignore_index=True)
    last = rows.groupby(_GROUP)["import_number"].transform("max")
    kept = rows[rows["import_number"] == last].drop(columns="import_number")
    return as_table(kept.sort_values([*_GROUP, "place"], ignore_index=True), Delivery)


def _is_same(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    """Whether two reports of a day say the same of each place, in what the later one tells."""
    figures = [
        *_FIGURES,
        *(name for name in _CLAIMS if name in after and after[name].notna().any()),
    ]
    ordered = [
        rows.sort_values("place")
        .set_index("place")
        .reindex(columns=figures)
        .astype(float)
        .round(_DECIMALS)
        for rows in (before, after)
    ]
    return ordered[0].equals(ordered[1])


def _refuse_coarser(before: pd.DataFrame, after: pd.DataFrame) -> None:
    """Refuse a report without places in the place of one with them: they would be lost."""
    if (before["place"] != "").any() and not (after["place"] != "").any():
        first = after.iloc[0]
        raise InputError(
            f"The report of {first['channel']} for {write_date(first['day'])} names no places, and"
            f" an earlier one named {before['place'].nunique():,}.",
            "Export it again by place, as the earlier one was. Nothing was stored.",
        )


def _describe_correction(before: pd.DataFrame, after: pd.DataFrame) -> Correction:
    """Say how a later report of a day differs."""
    first = after.iloc[0]
    return Correction(
        channel=str(first["channel"]),
        campaign=str(first["campaign"]),
        day=first["day"].date(),
        impressions_before=float(before["impressions_count"].sum()),
        impressions_after=float(after["impressions_count"].sum()),
        spend_before_usd=round(float(before["spend_usd"].sum()), _DECIMALS),
        spend_after_usd=round(float(after["spend_usd"].sum()), _DECIMALS),
        places_gone_count=len(set(before["place"]) - set(after["place"])),
    )


@contextlib.contextmanager
def _explain_writing(folder: Path) -> Iterator[None]:
    """Turn a failure to write into one sentence."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"Cannot write {error.filename or folder}: {error.strerror or error}.",
            "Free some space, or choose another folder with OUTREACH_HOME. Earlier reports are"
            " safe.",
        ) from error
