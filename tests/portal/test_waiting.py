"""What is typed into Prefect's form approves a list as the portal does, where nobody signs in."""

from pathlib import Path

import pytest

from flows.steps.service.waiting import Answer, Waiting, WaitingRoom, say_standing, take_answer
from outreach.errors import InputError, StoreError
from outreach.settings import Settings
from outreach.store import Store


@pytest.fixture
def settings(home: Path) -> Settings:
    """Return a folder where nobody has to sign in."""
    (home / "service" / "users.json").unlink()
    return Settings(home=home)


def test_an_answer_approves_once_and_keeps_name_and_reason(settings: Settings, run_id: str) -> None:
    store = Store(settings.runs_folder)
    assert take_answer(settings, store, run_id, Answer.LOOK, "", "") == ""
    with pytest.raises(InputError, match="no name or no reason"):
        take_answer(settings, store, run_id, Answer.APPROVE, "Ada", " ")
    refused = take_answer(settings, store, run_id, Answer.REFUSE, "Ada", "too dear")
    assert refused == "Ada did not approve its list: too dear"
    assert store.approval(run_id) is None
    sentence = take_answer(settings, store, run_id, Answer.APPROVE, "Ada", "read it")
    assert sentence.startswith("Ada approved its list on ")
    approval = store.approval(run_id)
    assert approval is not None
    assert (approval.by, approval.reason) == ("Ada", "read it")
    # Whoever answers later learns who was first.
    assert take_answer(settings, store, run_id, Answer.APPROVE, "Bob", "me too") == sentence
    store.approvals.withdraw(run_id, "Grace", "wrong week")
    assert say_standing(store, run_id) == "Grace withdrew its list: wrong week"


def test_where_people_have_roles_the_form_approves_nothing(home: Path, run_id: str) -> None:
    settings, store = Settings(home=home), Store(home / "runs")
    with pytest.raises(InputError, match="does not know who viewer is, and here people have roles"):
        take_answer(settings, store, run_id, Answer.APPROVE, "viewer", "please")
    assert store.approval(run_id) is None


def test_a_job_that_waits_is_kept_until_it_goes_on(tmp_path: Path) -> None:
    room = WaitingRoom(tmp_path)
    assert room.find("a") is None
    room.keep(Waiting(job_id="a", run_id="run-1"))
    assert room.list_waiting() == [Waiting(job_id="a", run_id="run-1")]
    (tmp_path / "service" / "waiting" / "b.json").write_text("{")
    with pytest.raises(StoreError, match=r"record of a waiting job .*b\.json cannot be read"):
        room.list_waiting()
    room.remove("a")
    assert room.find("a") is None
