"""List the registered tests, each with its result or with what is missing."""

import datetime as dt

import pandas as pd

from outreach.store import TrialEntry

#: What the sign of a result says.
_STATES = {1: "raised", -1: "lowered", 0: "zero"}


def tabulate_registered(entries: list[TrialEntry], today: dt.date) -> pd.DataFrame:
    """Return one row per test, the newest flight first.

    Parameters
    ----------
    entries
        The register, in its order.
    today
        The day on which a flight runs or is over.

    Returns
    -------
    pd.DataFrame
        By the plan's hash (``plan_digest``): ``state`` (``planned``, ``running``, ``due``: the
        flight is over and nobody read it out, ``withdrawn``: its list was withdrawn and it has no
        result, ``raised``, ``lowered``, ``zero``, and ``unregistered``: a result whose plan was not
        registered before), ``campaign``, ``run_id``,
        ``by``, ``registered_at``, ``flight_start``, ``flight_end``, ``mde_points``, ``looks`` (days
        with a space between them, on which the plan lets the test be looked at), and of the
        newest result ``effect_points``, ``low_points``, ``high_points``, ``p_value``,
        ``results_count`` (how often other figures were read out), ``result_sha256``.
    """
    plans: dict[str, TrialEntry] = {}
    results: dict[str, list[TrialEntry]] = {}
    withdrawn = set[str]()
    for entry in entries:
        if entry.kind == "withdrawal":
            withdrawn.add(entry.plan_digest)
            continue
        if entry.kind == "plan":
            plans.setdefault(entry.plan_digest, entry)
            withdrawn.discard(entry.plan_digest)
        else:
            results.setdefault(entry.plan_digest, []).append(entry)
    rows = [
        _describe_test(
            digest,
            plans.get(digest),
            results.get(digest, []),
            today,
            is_withdrawn=digest in withdrawn,
        )
        for digest in dict.fromkeys([*plans, *results])
    ]
    table = pd.DataFrame(rows).set_index("plan_digest")
    return table.sort_values(["flight_start", "registered_at"], ascending=False, kind="stable")


def _describe_test(
    digest: str,
    plan: TrialEntry | None,
    results: list[TrialEntry],
    today: dt.date,
    *,
    is_withdrawn: bool,
) -> dict[str, object]:
    """Return the row of a test."""
    entry = plan or results[0]
    result = results[-1] if results else None
    return {
        "plan_digest": digest,
        "state": (
            "unregistered"
            if plan is None
            else _find_state(plan, result, today, is_withdrawn=is_withdrawn)
        ),
        "campaign": entry.campaign,
        "run_id": entry.run_id,
        "by": entry.by,
        "registered_at": entry.registered_at,
        "flight_start": entry.flight_start,
        "flight_end": entry.flight_end,
        "mde_points": _to_points(entry.mde_share),
        "looks": " ".join(map(str, entry.looks)),
        "effect_points": _to_points(result.estimate_share) if result else None,
        "low_points": _to_points(result.low_share) if result else None,
        "high_points": _to_points(result.high_share) if result else None,
        "p_value": result.p_value if result else None,
        "results_count": len(results),
        "result_sha256": result.result_sha256 if result else "",
    }


def _find_state(
    plan: TrialEntry, result: TrialEntry | None, today: dt.date, *, is_withdrawn: bool
) -> str:
    """Say where a test stands on a day."""
    if result is not None:
        return _STATES[result.sign]
    if is_withdrawn:
        return "withdrawn"
    if today < plan.flight_start:
        return "planned"
    return "running" if today <= plan.flight_end else "due"


def _to_points(share: float | None) -> float | None:
    """Return a share in percentage points."""
    return None if share is None else round(100 * share, 4)
