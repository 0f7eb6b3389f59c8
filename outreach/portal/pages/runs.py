"""Show runs: what came out, the list, the comparison with another run, and the approval."""

from collections.abc import Hashable, Sequence
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from outreach.catalog import Words
from outreach.catalog.retell import NOTES, Told, name_term, retell, retell_all
from outreach.portal.access.audit import describe_approval
from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import get_desk, need, read_form, write_act
from outreach.portal.render import choose_words, render
from outreach.store import Approval, Run

#: How the note of a run begins that says why a platform has no list.
_UNWRITTEN = "No list for "
router = APIRouter()
_Viewer = Annotated[Person, Depends(need(Role.VIEWER))]
_Planner = Annotated[Person, Depends(need(Role.PLANNER))]
_Form = Annotated[dict[str, str], Depends(read_form)]
#: Rows of a page of the list.
PAGE_ROWS = 100
#: By what the list can be put in order, and whether the highest comes first.
ORDERS = {
    "rank": False,
    "budget_usd": True,
    "missing_households_count": True,
    "households_count": True,
    "label": False,
}


@router.get("/runs")
def show_runs(
    request: Request, person: _Viewer, campaign: str = "", approved: str = ""
) -> Response:
    """Show all runs, or those of one campaign, or the approved ones."""
    del person
    shelf = get_desk(request).shelf
    runs, faults = shelf.list_runs()
    campaigns = {run.campaign.slug: run.campaign.name for run in runs}
    standings = {run.id: shelf.read_standing(run) for run in runs}
    shown = [
        run
        for run in runs
        if campaign in ("", run.campaign.slug)
        and (not approved or isinstance(standings[run.id], Approval))
    ]
    return render(
        request,
        "runs",
        runs=shown,
        faults=faults,
        campaigns=campaigns,
        approvals=standings,
        campaign=campaign,
        approved=approved,
    )


@router.get("/runs/{run_id}")
def show_run(request: Request, run_id: str, person: _Viewer) -> Response:
    """Show one run: summary, map, list, files, reports, and its approval."""
    shelf = get_desk(request).shelf
    run = shelf.find_run(run_id)
    words = choose_words(request)
    write_act(request, person, "saw run", run.id)
    others = [
        other
        for other in shelf.list_runs()[0]
        if other.campaign.slug == run.campaign.slug and other.id != run.id
    ]
    targets = shelf.read_targets(run)
    notes = retell_all(run.notes, words, *NOTES)
    return render(
        request,
        "run",
        run=run,
        summary=_word_summary(run, words),
        notes=notes,
        unwritten=[
            told for note, told in zip(run.notes, notes, strict=True) if note.startswith(_UNWRITTEN)
        ],
        approval=shelf.read_approval(run),
        withdrawal=shelf.read_withdrawal(run),
        others=others,
        reports={
            kind: choose_twins(pages, words.code) for kind, pages in shelf.list_reports(run).items()
        },
        results=list_results(request, run),
        budget_usd=float(targets["budget_usd"].sum()),
        has_test=any(output.path == "plan.json" for output in run.outputs),
    )


@router.get("/runs/{run_id}/targets")
def show_targets(
    request: Request,
    run_id: str,
    person: _Viewer,
    text: str = "",
    arm: str = "",
    order: str = "rank",
    page: int = 1,
) -> Response:
    """Show the list of a run, filtered and in some order, page by page."""
    del person
    shelf = get_desk(request).shelf
    run = shelf.find_run(run_id)
    targets = shelf.read_targets(run)
    chosen = filter_targets(targets, text, arm, order)
    pages = max(1, -(-len(chosen) // PAGE_ROWS))
    page = min(max(page, 1), pages)
    rows = chosen.iloc[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    return render(
        request,
        "targets",
        run=run,
        rows=_word_rows(rows, choose_words(request)),
        count=len(chosen),
        total=len(targets),
        arms=sorted(targets["arm"].unique()),
        orders=list(ORDERS),
        text=text,
        arm=arm,
        order=order if order in ORDERS else "rank",
        page=page,
        pages=pages,
        money=float(chosen["budget_usd"].sum()),
    )


def _word_summary(run: Run, words: Words) -> list[tuple[str, Told]]:
    """Return the titles and sentences of a run's summary in a language."""
    return [
        (name_term(title, words), retell(text, words, *NOTES))
        for title, text in run.summary.items()
    ]


def _word_rows(rows: pd.DataFrame, words: Words) -> list[dict[Hashable, Any]]:
    """Return rows of a list with labels and reasons in a language."""
    return [
        row
        | {
            "label": retell(row["label"], words, "label"),
            "why": retell(row["why"], words, "reason", "list"),
        }
        for row in rows.to_dict("records")
    ]


@router.get("/runs/{run_id}/compare")
def compare(request: Request, run_id: str, person: _Viewer, earlier: str = "") -> Response:
    """Show which tracts joined or left the list since another run, and why."""
    del person
    from flows.compare import compare_runs  # noqa: PLC0415  loads the models, which takes seconds
    from outreach.archive import Archive  # noqa: PLC0415  the same

    desk = get_desk(request)
    run, before = desk.shelf.find_run(run_id), desk.shelf.find_run(earlier)
    archive = Archive(desk.settings.archive_folder, run.campaign.census_year)
    comparison = compare_runs(desk.shelf.store, before.id, run.id, archive)
    changed = comparison.table[comparison.table["change"].isin(["in", "out"])]
    changed = changed.sort_values(["change", "rank_after", "rank_before"], kind="stable")
    return render(
        request,
        "compare",
        run=run,
        before=before,
        lines=retell_all(comparison.lines(), choose_words(request), "compare"),
        rows=[
            {
                "geoid": geoid,
                "change": row["change"],
                "why": row["why"],
                "before": None if pd.isna(row["rank_before"]) else int(row["rank_before"]),
                "after": None if pd.isna(row["rank_after"]) else int(row["rank_after"]),
            }
            for geoid, row in changed.iterrows()
        ],
    )


@router.post("/runs/{run_id}/approval")
def approve(request: Request, run_id: str, person: _Planner, form: _Form) -> Response:
    """Approve the list of a run, as ``outreach approve`` does."""
    from flows.steps.measuring.approval import approve_run  # noqa: PLC0415  loads the models

    shelf = get_desk(request).shelf
    run = shelf.find_run(run_id)
    accepts, reason = form.get("accepts_unreadable") == "yes", form.get("reason", "")
    write_act(request, person, "approves", run.id, describe_approval(reason, accepts=accepts))
    name = person.name if person.is_signed_in else form.get("by", "")
    approve_run(shelf.store, run.id, name, accepts_unreadable=accepts, reason=reason)
    return RedirectResponse(f"/runs/{run.id}", 303)


@router.post("/runs/{run_id}/withdrawal")
def withdraw(request: Request, run_id: str, person: _Planner, form: _Form) -> Response:
    """Withdraw the approved list of a run, as ``outreach withdraw`` does."""
    from flows.steps.measuring.approval import withdraw_run  # noqa: PLC0415  loads the models

    shelf = get_desk(request).shelf
    run, reason = shelf.find_run(run_id), form.get("reason", "")
    write_act(request, person, "withdraws", run.id, reason)
    name = person.name if person.is_signed_in else form.get("by", "")
    withdraw_run(shelf.store, run.id, name, reason)
    return RedirectResponse(f"/runs/{run.id}", 303)


def list_results(request: Request, run: Run) -> dict[str, str]:
    """Return the address of each result of a run in the reader's language, by its part."""
    words, addresses = choose_words(request), dict[str, str]()
    for part, page in get_desk(request).shelf.list_results(run).items():
        own = page.with_name(f"{page.stem}.{words.code}.html")
        addresses[part] = f"/runs/{run.id}/results/{part}/{(own if own.is_file() else page).name}"
    return addresses


def choose_twins(pages: Sequence[str], code: str) -> dict[str, str]:
    """Return one file for each page by its plain name: in the reader's language if there is one.

    Parameters
    ----------
    pages
        File names: ``ward-1.html``, ``ward-1.es.html``.
    code
        The reader's language.
    """
    known = set(pages)
    plain = dict.fromkeys(page.split(".")[0] for page in pages)
    own = {name: f"{name}.{code}.html" for name in plain}
    return {name: own[name] if own[name] in known else f"{name}.html" for name in plain}


def filter_targets(targets: pd.DataFrame, text: str, arm: str, order: str) -> pd.DataFrame:
    """Return the rows of a list whose label or place has a text, of one arm, in an order.

    Parameters
    ----------
    targets
        The list by rank.
    text, arm
        Empty for all.
    order
        One of :data:`ORDERS`; any other is ``rank``.
    """
    chosen = targets
    if text.strip():
        needle = text.strip().casefold()
        columns = [chosen[name].astype(str).str.casefold() for name in ("label", "place")]
        has_text = [column.str.contains(needle, regex=False) for column in columns]
        chosen = chosen[has_text[0] | has_text[1]]
    if arm:
        chosen = chosen[chosen["arm"] == arm]
    if order in ORDERS and order != "rank":
        chosen = chosen.sort_values(order, ascending=not ORDERS[order], kind="stable")
    return chosen
