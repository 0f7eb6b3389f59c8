"""Make damaged protocols and results of tests, and hold what is read against the file."""

import contextlib
import datetime as dt
import json
import random
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from flows.trial.pool import pool_results, write_result_text
from models.trial.protocol import Protocol, read_protocol
from outreach.reports.data.pooled import CityResult, SharedDesign
from tests.fuzz.cases import Case, compare_values
from tests.fuzz.mutations import damage_file

_PROTOCOL = Protocol(
    name='Bürger & "Räte"',
    outcome="change",
    method="ANCOVA",
    unit_kind="zips",
    design="blocks",
    holdout_percent=30,
    days_count=28,
    looks=(0.5, 0.75),
)


@contextlib.contextmanager
def open_round(folder: Path) -> Iterator[Callable[[random.Random], Case]]:
    """Make cases of a protocol, and of a city's result that is pooled with another's."""
    agreed, other, damaged = (folder / name for name in ("ads.toml", "other.json", "result.json"))
    other.write_text(write_result_text(_make_result("Durham", "0" * 64)), encoding="utf-8")
    protocol = _PROTOCOL.write_toml().encode()
    result = write_result_text(_make_result("Bürger", "1" * 64)).encode()

    def make_case(rng: random.Random) -> Case:
        is_good, is_protocol = rng.random() < 0.1, rng.random() < 0.5
        data = protocol if is_protocol else result
        if not is_good:
            data = damage_file(data, rng)

        def read() -> None:
            if is_protocol:
                agreed.write_bytes(data)
                values = list_values(read_protocol(agreed))
                compare_values(tomllib.loads(data.decode("utf-8-sig")), values)
                return
            damaged.write_bytes(data)
            pooled, _ = pool_results([other, damaged], folder / "pooled", accept_unlike=True)
            own = next(city.result for city in pooled.cities if city.result.city != "Durham")
            compare_values(json.loads(data), own.model_dump(mode="json"), defaults=True)

        return Case(read, is_good)

    yield make_case


def list_values(protocol: Protocol) -> dict[str, object]:
    """Return the values of a protocol by their keys."""
    return {name: getattr(protocol, name) for name in Protocol.__dataclass_fields__}


def _make_result(city: str, digest: str) -> CityResult:
    """Make the result of a city's test."""
    return CityResult(
        city=city,
        design=SharedDesign(
            outcome="change",
            method="ANCOVA",
            unit_kind="zips",
            holdout_percent=30.0,
            days_count=28,
            confidence=0.95,
            looks=(0.5,),
        ),
        plan_digest=digest,
        flight_start=dt.date(2020, 6, 1),
        flight_end=dt.date(2020, 6, 28),
        measured_at=dt.datetime(2020, 7, 10, tzinfo=dt.UTC),
        estimate_share=0.012,
        low_share=0.002,
        high_share=0.022,
        standard_error_share=0.005,
        p_value=0.02,
        treated_households_count=10_000.0,
        units_count={"treat": 30, "holdout": 10},
        mde_share=0.004,
        spent_usd=5000.0,
        spend_reported=True,
        versions={"outreach": "0.2.0"},
    )
