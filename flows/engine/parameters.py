"""Define the parameters that forms of several flows share: names, help, and limits.

They are flat and of JSON's own types, because a form of Prefect moves dates of nested models to
another time zone. ``json_schema_extra`` is what reaches Prefect's form, which replaces the title
and the description of a plain ``Field``.
"""

from typing import Annotated, Literal

from pydantic import Field

from outreach.store.campaigns import NAME_PATTERN

CampaignName = Annotated[
    str,
    Field(
        pattern=NAME_PATTERN,
        json_schema_extra={
            "title": "Campaign",
            "description": "A campaign file of the service's folder, by its name.",
        },
    ),
]
RunName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9:._-]{0,119}$",
        json_schema_extra={
            "title": "Run",
            "description": "A run's ID, or latest.",
        },
    ),
]
BudgetUsd = Annotated[
    float | None,
    Field(
        ge=0,
        le=1e9,
        json_schema_extra={
            "title": "Budget in US dollars",
            "description": "Empty: the budget of the campaign file.",
        },
    ),
]
SpentUsd = Annotated[
    float | None,
    Field(
        gt=0,
        le=1e9,
        json_schema_extra={
            "title": "Spent in US dollars",
            "description": "Cost of the ads on the invoices. Empty: the planned cost.",
        },
    ),
]
Day = Annotated[
    str,
    Field(
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        json_schema_extra={
            "title": "Data date",
            "description": "A day of the archive, such as 2020-05-28. Empty: today's rates.",
        },
    ),
]
FirstDay = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        json_schema_extra={
            "title": "First day",
            "description": "The first data date, such as 2020-05-01.",
        },
    ),
]
LastDay = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        json_schema_extra={
            "title": "Last day",
            "description": "The last data date, such as 2020-05-31.",
        },
    ),
]
ThroughDay = Annotated[
    str,
    Field(
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        json_schema_extra={
            "title": "Day to list for",
            "description": (
                "Such as 2020-05-01; each state's last archived day up to it counts. Empty: the"
                " season's last day."
            ),
        },
    ),
]
StateCodes = Annotated[
    str,
    Field(
        pattern=r"^(\d{2}([ ,]+\d{2})*)?$",
        json_schema_extra={
            "title": "States",
            "description": "Two-digit codes, such as 17, 18. Empty: every archived state.",
        },
    ),
]
ListPercent = Annotated[
    float,
    Field(
        gt=0,
        le=100,
        json_schema_extra={
            "title": "Percent listed",
            "description": "Share of a county's tracts that its list has.",
        },
    ),
]
Workers = Annotated[
    int,
    Field(
        ge=1,
        le=64,
        json_schema_extra={
            "title": "Processes at once",
            "description": "How many list states at the same time; each takes 0.5 GB of memory.",
        },
    ),
]
DrillFirstDay = Annotated[
    str,
    Field(
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        json_schema_extra={
            "title": "First day",
            "description": "To start: the first data date. Empty: the first archived one.",
        },
    ),
]
DrillLastDay = Annotated[
    str,
    Field(
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        json_schema_extra={
            "title": "Last day",
            "description": "To start: the last data date. Empty: the campaign's deadline.",
        },
    ),
]
EveryDays = Annotated[
    int,
    Field(
        ge=1,
        le=365,
        json_schema_extra={
            "title": "Days between",
            "description": "To start: days from one day of the drill to the next.",
        },
    ),
]
DrillStep = Annotated[
    Literal["start", "next", "decide", "end"],
    Field(
        json_schema_extra={
            "title": "Step",
            "description": "Start the drill, open its next day, decide the open day, or end it.",
        }
    ),
]
DrillName = Annotated[
    str,
    Field(
        max_length=60,
        json_schema_extra={
            "title": "Drill",
            "description": "The drill's name. Empty: the campaign's.",
        },
    ),
]
DrillList = Annotated[
    Literal["tool", "lowest-today", "most-missing", "wait"],
    Field(
        json_schema_extra={
            "title": "List",
            "description": (
                "To decide: the tool's list, the lowest rates today, the most households missing,"
                " or wait."
            ),
        }
    ),
]
SpendUsd = Annotated[
    float | None,
    Field(
        ge=0,
        le=1e9,
        json_schema_extra={
            "title": "Spend in US dollars",
            "description": "To decide: how much to spend. Empty: all that is left.",
        },
    ),
]
DryRun = Annotated[
    bool,
    Field(
        json_schema_extra={
            "title": "Check only",
            "description": "Check the request and count what it would ask for; make nothing.",
        }
    ),
]
WaitForApproval = Annotated[
    bool,
    Field(
        json_schema_extra={
            "title": "Wait for approval",
            "description": "End the job only when somebody has approved or refused the list.",
        }
    ),
]
Reason = Annotated[
    str,
    Field(
        max_length=500,
        json_schema_extra={"title": "Reason", "description": "Why; it stays with the run."},
    ),
]
Requester = Annotated[
    str,
    Field(
        max_length=200,
        json_schema_extra={"title": "Requested by", "description": "Who asks for it."},
    ),
]
