"""Workers that are lost end a flow with one sentence."""

import os
import time

import pytest
from distributed import LocalCluster

from flows.engine.runners import Crew, open_workers
from outreach.errors import SettingsError


def test_one_process_and_several_do_tasks_alike() -> None:
    for crew in (Crew(), Crew(workers=2)):
        with open_workers(crew) as (executor, most):
            assert most == 2 * crew.workers
            assert list(executor.map(abs, (-1, 2, -3))) == [1, 2, 3]


def test_a_process_that_the_machine_ends_is_one_sentence() -> None:
    with (
        pytest.raises(SettingsError, match=r"ended one of the processes .* fewer --workers"),
        open_workers(Crew(workers=2)) as (executor, _),
    ):
        executor.submit(os._exit, 9).result()


def test_a_cluster_without_workers_or_one_that_is_lost_is_one_sentence() -> None:
    with LocalCluster(
        n_workers=0, processes=False, dashboard_address=None, protocol="tcp://"
    ) as cluster:
        address = cluster.scheduler_address
        with (
            pytest.raises(SettingsError, match=r"has no workers. Start some with 'dask worker'"),
            open_workers(Crew(cluster=address)),
        ):
            pass
        cluster.scale(1)
        cluster.wait_for_workers(1)
        with open_workers(Crew(cluster=address)) as (executor, most):
            assert most > 1
            assert executor.submit(abs, -1).result() == 1
            with pytest.raises(ModuleNotFoundError):
                executor.submit(__import__, "no_such_module").result()
        with (
            pytest.raises(SettingsError, match=f"The Dask scheduler at {address} was lost"),
            open_workers(Crew(cluster=address)) as (executor, _),
        ):
            future = executor.submit(time.sleep, 60)
            cluster.close()
            future.result()
