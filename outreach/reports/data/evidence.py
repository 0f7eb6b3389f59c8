"""Hold the evidence of a campaign: statements, each with its run, date, file, and hash."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

#: A figure of a statement; its class says how it is written.
Value = str | int | float | dt.date | tuple[dt.date, ...]


class Share(float):
    """A share 0-1, written as a percentage."""


class Setting(float):
    """A share 0-1 that somebody set, written as a percentage with no decimal that it lacks."""


class Points(float):
    """A difference of shares 0-1, written in percentage points."""


class Size(float):
    """The size of a difference of shares 0-1, written in percentage points without a sign."""


class Dollars(float):
    """US dollars."""


class Cents(float):
    """US dollars, written with cents."""


class Channel(str):
    """A channel of ads, written as people call it."""

    __slots__ = ()


class Kept(str):
    """A sentence that a run keeps in English, said in the reader's language if that has it."""

    __slots__ = ()


class Phrase(str):
    """The name of a phrase in the catalog, written in the reader's words."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """One statement and what it rests on.

    Parameters
    ----------
    kind
        What it says, by the name of its sentence in the catalog (``evidence.<kind>``).
    values
        The figures of the sentence. Those of a class of this module are written as it says, and an
        int is a count, and so is a float of no class.
    run_id, day
        The run it comes from and the date of its data; empty and ``None`` without one.
    file, sha256
        Path of the file in the pack that holds the figures, and its hash.
    """

    kind: str
    values: Mapping[str, Value] = field(default_factory=dict)
    run_id: str = ""
    day: dt.date | None = None
    file: str = ""
    sha256: str = ""


class CriterionText(BaseModel):
    """What a certification asks for, in one language.

    Parameters
    ----------
    name, practice, text
        Its number or subject, the practice it belongs to, and what it asks, in our words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    practice: str = Field(min_length=1)
    text: str = Field(min_length=1)


class Criterion(CriterionText):
    """What a certification asks for, in the language of the edition and in others.

    Parameters
    ----------
    evidence
        Kinds of :class:`Proof` that answer it.
    translated
        Its texts in further languages, by their codes.
    """

    evidence: tuple[str, ...] = Field(min_length=1)
    translated: Mapping[str, CriterionText] = {}


class EditionText(BaseModel):
    """An edition and where its criteria are from, in one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edition: str = Field(min_length=1)
    source: str = Field(min_length=1)


class CriteriaEdition(EditionText):
    """The criteria of one edition, their language, their source, and its status."""

    language: str = "en"
    status: str
    translated: Mapping[str, EditionText] = {}
    checked: dt.date
    criterion: tuple[Criterion, ...] = Field(min_length=1)


@dataclass(frozen=True)
class EvidencePack:
    """All evidence of a campaign.

    Parameters
    ----------
    campaign, made
        The campaign's name and the day.
    edition
        What is asked for.
    proofs
        What there is, in any order.
    """

    campaign: str
    made: dt.date
    edition: CriteriaEdition
    proofs: tuple[Proof, ...]

    def find(self, criterion: Criterion) -> list[Proof]:
        """Return what answers a criterion, in the order of its kinds."""
        return [proof for kind in criterion.evidence for proof in self.proofs if proof.kind == kind]
