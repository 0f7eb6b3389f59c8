"""Write down the test plan before any export, and rebuild its design later.

A plan is dated and hashed. It holds everything needed to draw the arms again.
"""

import contextlib
import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from models.trial.design import ARMS, Design, Levels, pair_units
from outreach.errors import ModelError
from outreach.units import Arm

#: Keys of plans written before version 0.2, and their names today.
_OLD_NAMES = {"smallest_visible_share": "mde_share", "lots": "randomization"}
#: How the warning begins that a test is likely to detect nothing that ads plausibly do.
NEARLY_USELESS = "This test is nearly useless."


@dataclass(frozen=True, slots=True)
class Randomization:
    """What the arms of a plan were drawn from, beside the blocks that the plan lists.

    Parameters
    ----------
    clusters
        Number of the cluster of each unit, in the order of the plan's arms.
    held
        Number of clusters held out, by block.
    touching
        Pairs of units where ads in one reach the other, each pair once.
    """

    clusters: tuple[int, ...]
    held: tuple[int, ...]
    touching: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AreaLevels:
    """What the saturation of areas was drawn from; areas are the blocks that the plan lists.

    Parameters
    ----------
    pair
        Number of the pair of each area; one of each pair is drawn high.
    low_held
        Number of units held out in each area if it is drawn low.
    """

    pair: tuple[int, ...]
    low_held: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """A test plan, kept as ``plan.json``.

    Parameters
    ----------
    campaign, made_at
        The campaign's name, and when the plan was written (with a time zone).
    flight_start, flight_end
        First and last day of the ads.
    holdout_share, seed, unit_kind
        How the arms were drawn, and of which units.
    outcome, method
        What will be measured, and how it will be judged.
    mde_share
        Minimum detectable effect: the smallest effect (0-1, on the response rate) that the design
        is likely to detect; ``None`` if it could not be computed.
    warnings
        That the test is nearly useless, if it is, and events that could be mistaken for an effect.
    arms
        Unit, arm and block of every unit, sorted by unit.
    buffer_side
        The arm that gave up its units that touch the other arm
        (:class:`models.trial.design.Design`), or ``none``.
    randomization
        Input of :func:`rebuild_design`; ``None`` in plans written before it was kept.
    obstacle, remedy
        Why the test cannot be read out, and what to do; empty if it can be, and in plans written
        before this was judged.
    levels
        Of a two-stage design; ``None`` in all others.
    spill_mde_share
        The smallest spill-over (0-1) that a two-stage design is likely to detect; ``None``
        otherwise, or if it could not be computed.
    looks
        Days on which the test may be looked at before its end (:mod:`models.trial.readout.looks`).
    protocol
        SHA-256 of the protocol (:mod:`models.trial.protocol`) that the test follows; empty for
        none.
    source_text
        The text of a plan that an earlier version wrote, which is its canonical form; empty for
        plans of this version.
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
    mde_share: float | None
    warnings: tuple[str, ...]
    arms: tuple[tuple[str, str, int], ...]
    buffer_side: str = "none"
    randomization: Randomization | None = None
    obstacle: str = ""
    remedy: str = ""
    levels: AreaLevels | None = None
    spill_mde_share: float | None = None
    looks: tuple[dt.date, ...] = ()
    protocol: str = ""
    source_text: str = field(default="", repr=False)

    def canonical_json(self) -> str:
        """Return the plan as JSON in one canonical form: sorted keys, no spaces, ISO dates.

        A plan from an earlier version keeps its own text, and so its digest.
        """
        if self.source_text:
            return self.source_text
        values = asdict(self)
        del values["source_text"]
        return json.dumps(
            values,
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            default=_format_date,
        )

    @property
    def digest(self) -> str:
        """SHA-256 of :meth:`canonical_json`, in hexadecimal."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()


def read_plan(text: str) -> TrialPlan:
    """Read a plan from :meth:`TrialPlan.canonical_json`; its digest stays the same.

    Raises
    ------
    ModelError
        The text is not a plan.
    """
    plan = None
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
        written = json.loads(text)
        values = {_OLD_NAMES.get(name, name): value for name, value in written.items()}
        names = {each.name for each in fields(TrialPlan)} - {"source_text"}
        older = not names <= set(written)
        values |= {
            "made_at": dt.datetime.fromisoformat(values["made_at"]),
            "flight_start": dt.date.fromisoformat(values["flight_start"]),
            "flight_end": dt.date.fromisoformat(values["flight_end"]),
            "arms": tuple((str(unit), str(arm), int(block)) for unit, arm, block in values["arms"]),
            "warnings": tuple(values["warnings"]),
            "randomization": _read_randomization(values.get("randomization")),
            "levels": _read_levels(values.get("levels")),
            "looks": tuple(map(dt.date.fromisoformat, values.get("looks", ()))),
            "source_text": text.rstrip("\n") if older else "",
        }
        plan = TrialPlan(**values)
    if plan is None:
        raise ModelError("The test plan cannot be read.", "Run the campaign again.")
    return plan


def _read_randomization(values: dict[str, Any] | None) -> Randomization | None:
    """Read what the arms of a plan were drawn from."""
    if values is None:
        return None
    pairs = tuple((str(one), str(other)) for one, other in values["touching"])
    return Randomization(
        tuple(map(int, values["clusters"])), tuple(map(int, values["held"])), pairs
    )


def _read_levels(values: dict[str, Any] | None) -> AreaLevels | None:
    """Read what the saturation of a plan's areas was drawn from."""
    if values is None:
        return None
    return AreaLevels(tuple(map(int, values["pair"])), tuple(map(int, values["low_held"])))


def describe_obstacle(plan: TrialPlan) -> str:
    """Say that a test cannot be read out, why, and what to do; empty if it can be."""
    if not plan.obstacle:
        return ""
    return f"This test cannot be read out. {plan.obstacle} {plan.remedy}"


def warn_of_test(plan: TrialPlan) -> str:
    """Say that a test cannot be read out, or else that it is nearly useless; empty otherwise."""
    weak = (each for each in plan.warnings if each.startswith(NEARLY_USELESS))
    return describe_obstacle(plan) or next(weak, "")


def list_arms(assignment: pd.DataFrame) -> tuple[tuple[str, str, int], ...]:
    """Return unit, arm and block of :meth:`models.trial.design.Design.assign`, by unit."""
    ordered = assignment.sort_index()
    return tuple(
        (str(unit), str(arm), int(block))
        for unit, arm, block in zip(ordered.index, ordered["arm"], ordered["block"], strict=True)
    )


def record_randomization(design: Design) -> Randomization:
    """Return what the arms of a design are drawn from, in the form that a plan keeps."""
    cluster = pd.Series(design.cluster, index=list(design.unit_ids)).sort_index()
    upper = sparse.triu(design.neighbors, k=1).tocoo()
    pairs = (
        sorted((design.unit_ids[one], design.unit_ids[other]))
        for one, other in zip(*upper.coords, strict=True)
    )
    return Randomization(
        tuple(map(int, cluster)),
        tuple(map(int, design.held)),
        tuple(sorted((one, other) for one, other in pairs)),
    )


def record_levels(design: Design) -> AreaLevels | None:
    """Return what the saturation of a design's areas is drawn from, in the form of a plan."""
    if design.levels is None:
        return None
    pair, low_held = (
        tuple(map(int, each)) for each in (design.levels.pair, design.levels.low_held)
    )
    return AreaLevels(pair, low_held)


def rebuild_design(plan: TrialPlan) -> Design:
    """Rebuild the design of a plan and check that the plan's seed draws the plan's arms.

    Returns
    -------
    Design
        With its units in the order of the plan's arms.

    Raises
    ------
    ModelError
        The plan lacks what its arms were drawn from, or its seed draws other arms.
    """
    if plan.randomization is None:
        raise ModelError(
            "The test plan does not hold the clusters and neighbors that its arms were"
            " drawn from, so the arms cannot be drawn again.",
            "An earlier version wrote it; only plans written since then can be measured.",
        )
    units, arms, blocks = zip(*plan.arms, strict=True)
    clusters = np.array(plan.randomization.clusters, dtype=np.intp)
    side: Arm = Arm.HOLDOUT if plan.buffer_side == Arm.HOLDOUT else Arm.TREAT

    # A plan that someone changed by hand may not even fit together.
    design, redrawn = None, None
    with contextlib.suppress(ValueError, IndexError):
        block = np.zeros(clusters.max() + 1, dtype=np.intp)
        block[clusters] = blocks
        pairs = pair_units(pd.Index(units), plan.randomization.touching)
        held = np.array(plan.randomization.held, dtype=np.intp)
        levels = None
        if plan.levels is not None:
            both = (plan.levels.pair, plan.levels.low_held)
            levels = Levels(*(np.array(each, dtype=np.intp) for each in both))
        design = Design(units, clusters, block, held, pairs, side, levels)
        redrawn = tuple(ARMS[code] for code in design.randomize(1, plan.seed)[0])

    if design is None or redrawn != arms:
        raise ModelError(
            "The arms in the test plan are not the ones that its seed draws.",
            "The plan was changed after the draw, or another numpy version draws differently;"
            " use the version in the run's manifest.",
        )
    return design


def _format_date(value: object) -> str:
    """Write a date for JSON."""
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be written to a plan")
