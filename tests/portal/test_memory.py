"""What is made once is kept, and made once even if many ask at the same time."""

import threading

import pytest

from outreach.portal.memory import Memory


def test_many_who_ask_at_once_wait_for_one_who_makes() -> None:
    memory: Memory[int] = Memory(2)
    made: list[str] = []
    begun, goes_on = threading.Event(), threading.Event()

    def make() -> int:
        made.append("x")
        begun.set()
        assert goes_on.wait(60)
        return 7

    values: list[int] = []
    threads = [
        threading.Thread(target=lambda: values.append(memory.recall("map", make))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(60)
    # Another key does not wait for the one that is being made.
    assert memory.recall("other", lambda: 1) == 1
    goes_on.set()
    for thread in threads:
        thread.join()
    assert (values, made) == ([7] * 8, ["x"])


def test_the_values_used_last_stay_and_a_failure_is_none() -> None:
    memory: Memory[int] = Memory(2)
    with pytest.raises(ZeroDivisionError):
        memory.recall("a", lambda: 1 // 0)
    for number, key in enumerate("abca"):
        memory.recall(key, lambda number=number: number)  # type: ignore[misc]
    assert [memory.recall(key, lambda: -1) for key in "ac"] == [3, 2]
    assert memory.recall("b", lambda: -1) == -1
