"""The plan of an experiment, written down before any export: dated, hashed, and with all that drawing its arms again needs."""

import contextlib
import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from models.trial.design import ARMS, Design, pair_units
from outreach.errors import ModelError


@dataclass(frozen=True, slots=True)
class Lots:
    """What the arms of a plan were drawn from, beside the blocks that it holds already.

    Parameters
    ----------
    clusters
        Number of the cluster of each unit, in the order of the plan's arms.
    held
        Clusters that are held out, by block.
    touching
        Pairs of units where targeting one reaches the other, each once.
    """

    clusters: tuple[int, ...]
    held: tuple[int, ...]
    touching: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DesignRecord:
    """The plan of an experiment.

    Parameters
    ----------
    campaign, made_at
        What for, and when it was written (with a time zone).
    flight_start, flight_end
        When ads run.
    holdout_share, seed, unit_kind
        How arms were drawn, and of what.
    outcome, method
        What will be measured, and how it will be judged.
    smallest_visible_share
        The smallest effect (0-1, on the response rate) that the design is likely to see; ``None``
        where it was not worked out.
    warnings
        What might be taken for an effect.
    arms
        Unit, arm and block of every unit, in order of the units' names.
    buffer_side
        The arm that gave up its units that touch the other one
        (:class:`models.trial.design.Design`), or ``none``.
    lots
        For :func:`rebuild_design`; ``None`` in plans written before it was kept.
    """

    campaign: str
    made_at: dt.datetime
    flight_start: dt.date
    flight_end: dt.date
    holdout_share: float
    seed: int
    unit_kind: str
    outcome: str
    method: str
    smallest_visible_share: float | None
    warnings: tuple[str, ...]
    arms: tuple[tuple[str, str, int], ...]
    buffer_side: str = "none"
    lots: Lots | None = None

    def canonical_json(self) -> str:
        """Return the plan as JSON, with one spelling only: keys sorted, no spaces, dates in ISO form."""
        told = asdict(self)
        if self.lots is None:  # an older plan keeps its digest
            del told["lots"]
        return json.dumps(
            told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_iso
        )

    @property
    def digest(self) -> str:
        """SHA-256 of :meth:`canonical_json`, in hexadecimal."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()


def read_record(text: str) -> DesignRecord:
    """Read a plan back from :meth:`DesignRecord.canonical_json`; it has the same digest.

    Raises
    ------
    ModelError
        It is not such a plan.
    """
    record = None
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
        told = json.loads(text)
        days = {name: dt.date.fromisoformat(told[name]) for name in ("flight_start", "flight_end")}
        arms = tuple((str(unit), str(arm), int(block)) for unit, arm, block in told["arms"])
        made = dt.datetime.fromisoformat(told["made_at"])
        read = {
            "made_at": made,
            "arms": arms,
            "warnings": tuple(told["warnings"]),
            "lots": _read_lots(told.get("lots")),
        }
        record = DesignRecord(**told | days | read)
    if record is None:
        raise ModelError("The plan of the test cannot be read.", "Make the run again.")
    return record


def _read_lots(told: dict[str, Any] | None) -> Lots | None:
    """Read what a plan's arms were drawn from; older plans do not hold it."""
    if told is None:
        return None
    pairs = tuple((str(one), str(other)) for one, other in told["touching"])
    return Lots(tuple(map(int, told["clusters"])), tuple(map(int, told["held"])), pairs)


def list_arms(assigned: pd.DataFrame) -> tuple[tuple[str, str, int], ...]:
    """Return the arms of :meth:`models.trial.design.Design.assign` as a plan holds them, in order of the units' names."""
    ordered = assigned.sort_index()
    return tuple(
        (str(unit), str(arm), int(block))
        for unit, arm, block in zip(ordered.index, ordered["arm"], ordered["block"], strict=True)
    )


def keep_lots(design: Design) -> Lots:
    """Return what the arms of a design are drawn from, as a plan holds it."""
    cluster = pd.Series(design.cluster, index=list(design.unit_ids)).sort_index()
    upper = sparse.triu(design.neighbours, k=1).tocoo()
    pairs = (
        sorted((design.unit_ids[one], design.unit_ids[other]))
        for one, other in zip(*upper.coords, strict=True)
    )
    return Lots(
        tuple(map(int, cluster)),
        tuple(map(int, design.held)),
        tuple(sorted((one, other) for one, other in pairs)),
    )


def rebuild_design(record: DesignRecord) -> Design:
    """Build the design of a plan again, its units in the order of the plan's arms, and prove it: the plan's seed must draw the plan's arms.

    Raises
    ------
    ModelError
        The plan does not hold what a re-draw needs, or its seed draws other arms.
    """
    if record.lots is None:
        raise ModelError(
            "The plan of the test does not hold the clusters and neighbours that its arms were drawn from, so they cannot be drawn again.",
            "It was written by an earlier version; only plans from this one on can be measured.",
        )
    units, arms, blocks = zip(*record.arms, strict=True)
    clusters = np.array(record.lots.clusters, dtype=np.intp)
    side: Literal["treat", "holdout"] = "holdout" if record.buffer_side == "holdout" else "treat"
    design, drawn = None, None
    with contextlib.suppress(ValueError, IndexError):
        block = np.zeros(clusters.max() + 1, dtype=np.intp)
        block[clusters] = blocks
        pairs = pair_units(pd.Index(units), record.lots.touching)
        design = Design(
            units, clusters, block, np.array(record.lots.held, dtype=np.intp), pairs, side
        )
        drawn = tuple(ARMS[code] for code in design.draw(1, record.seed)[0])
    if design is None or drawn != arms:
        raise ModelError(
            "The arms in the plan of the test are not those that its seed draws.",
            "The plan was changed after the draw, or another version of numpy draws otherwise; use the one in the run's manifest.",
        )
    return design


def _iso(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a plan")
