"""A journal keeps every record, and a power cut costs none but the one that it broke."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from outreach.errors import StoreError
from outreach.store import FileJournal


class Word(BaseModel):
    text: str


def test_records_come_back_with_the_newest_first(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "service" / "words.jsonl", Word, "list of words")
    assert journal.read() == []
    for text in ("one", "two\nlines", "three"):
        journal.append(Word(text=text))
    assert [word.text for word in journal.read()] == ["three", "two\nlines", "one"]
    assert [word.text for word in journal.read(1)] == ["three"]
    assert journal.read(0) == []


def test_a_record_after_a_power_cut_is_not_lost_with_the_broken_one(tmp_path: Path) -> None:
    file = tmp_path / "words.jsonl"
    journal = FileJournal(file, Word, "list of words")
    journal.append(Word(text="one"))
    with file.open("a") as out:
        out.write('{"text": "bro')
    journal.append(Word(text="two"))
    assert [word.text for word in journal.read()] == ["two", "one"]


def test_what_cannot_be_written_down_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "words.jsonl").mkdir()
    with pytest.raises(StoreError, match="Cannot write the list of words"):
        FileJournal(tmp_path / "words.jsonl", Word, "list of words").append(Word(text="one"))
