"""What platforms count as wins is kept in their own words, and summed up by platform."""

from pathlib import Path

import pytest

from outreach.delivery.claims import PlatformClaim, sum_claims
from outreach.delivery.ledger import DeliveryLedger
from outreach.delivery.report import read_report
from outreach.errors import InputError
from outreach.tables import DataFrame, Delivery
from tests.delivery.test_ledger import DRAFT

TAG = "Town | treat | 96fd442c511320813ff | en"
META = "Day,Ad set name,Impressions,Amount spent (USD),Results,Result indicator\n"
GOOGLE = "Day,Campaign,Matched location,Currency code,Cost,Impr.,Conversions,Lifted users\n"
VIEWS = "actions:landing_page_view"


def read(folder: Path, text: str) -> DataFrame[Delivery]:
    path = folder / "report.csv"
    path.write_text(text, encoding="utf-8")
    return read_report(path).delivery


def test_a_claim_has_the_words_of_its_row_or_of_its_column(tmp_path: Path) -> None:
    meta = read(tmp_path, f"{META}2020-06-01,{TAG},900,30.00,12,{VIEWS}\n")
    assert meta[["conversions_count", "conversions_of"]].to_numpy().tolist() == [[12, VIEWS]]
    assert "lift_count" not in meta
    google = read(tmp_path, f"{GOOGLE}2020-06-01,{TAG},60608,USD,10.00,900,2.5, --\n")
    assert google["conversions_of"].tolist() == ["Conversions"]
    assert google["lift_count"].isna().all()
    plain = read(tmp_path, f"{GOOGLE[:61]}\n2020-06-01,{TAG},60608,USD,10.00,900\n")
    assert not {"conversions_count", "lift_count"} & set(plain)


def test_claims_are_summed_by_platform_at_the_money_of_their_rows(tmp_path: Path) -> None:
    rows = (
        f"2020-06-01,{TAG},60608,USD,10.00,900,4,\n"
        f"2020-06-01,{TAG},60608,USD,5.00,100,2,1\n"
        f"2020-06-02,{TAG},60608,USD,99.00,100,,\n"
        f"2020-06-03,{TAG},60623,USD,1.00,100,2,\n"
    )
    assert sum_claims(read(tmp_path, GOOGLE + rows)) == (
        PlatformClaim("Google Ads", "Conversions", 8, 2.0, is_lift=False),
        PlatformClaim("Google Ads", "Lifted users", 1, 15.0, is_lift=True),
    )
    none = read(tmp_path, f"{GOOGLE}2020-06-01,{TAG},60608,USD,10.00,900,0,\n")
    assert sum_claims(none) == ()
    with pytest.raises(InputError, match=r"Conversions in row 2 is 'many', not a number"):
        read(tmp_path, f"{GOOGLE}2020-06-01,{TAG},60608,USD,10.00,900,many,\n")


def test_another_count_of_conversions_corrects_the_day_and_older_reports_have_none(
    tmp_path: Path,
) -> None:
    ledger = DeliveryLedger(tmp_path / "ledger")
    line = f"2020-06-01,{TAG},60608,USD,10.00,900"
    plain = read(tmp_path, f"{GOOGLE[:61]}\n{line}\n")
    counted, again = (read(tmp_path, f"{GOOGLE}{line},{count},\n") for count in (4, 6))
    assert ledger.record(plain, DRAFT).new_count == 1
    assert sum_claims(ledger.read()) == ()
    assert len(ledger.record(counted, DRAFT).corrections) == 1
    assert ledger.record(counted, DRAFT).unchanged_count == 1
    assert len(ledger.record(again, DRAFT).corrections) == 1
    assert [claim.count for claim in sum_claims(ledger.read())] == [6]

    # A report without the column tells nothing of them, and so changes nothing.
    assert ledger.record(plain, DRAFT).unchanged_count == 1
    assert [claim.count for claim in sum_claims(ledger.read())] == [6]
