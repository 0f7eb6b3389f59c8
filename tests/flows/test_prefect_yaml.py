"""The file for work pools deploys the very forms that the service serves."""

import os
import subprocess
import sys
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.serve import CAMPAIGN_FORMS, RUN_FORMS

ROOT = Path(__file__).parents[2]


def test_prefect_deploys_every_form_from_the_file(prefect_api: str, tmp_path: Path) -> None:
    env = os.environ | {
        "PREFECT_API_URL": prefect_api,
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_CLI_PROMPT": "false",
    }

    def call(*arguments: str) -> None:
        command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    call("work-pool", "create", "outreach", "--type", "process", "--overwrite")
    call("deploy", "--all", "--prefect-file", "flows/prefect.yaml")
    with temporary_settings({PREFECT_API_URL: prefect_api}), get_client(sync_client=True) as client:
        deployments = {
            f"{client.read_flow(one.flow_id).name}/{one.name}": one
            for one in client.read_deployments()
            if one.work_pool_name == "outreach"
        }
        client.request("DELETE", "/work_pools/{name}", path_params={"name": "outreach"})
        for one in deployments.values():
            client.request("DELETE", "/deployments/{id}", path_params={"id": one.id})
    forms = {form.name: form for form in (*CAMPAIGN_FORMS, *RUN_FORMS)}
    assert set(deployments) == {f"{name}/any-campaign" for name in forms}
    for deployment in deployments.values():
        assert deployment.enforce_parameter_schema
        assert deployment.global_concurrency_limit is not None
        assert deployment.global_concurrency_limit.limit == 1
        fields = (deployment.parameter_openapi_schema or {})["properties"]
        assert all(field["description"].endswith(".") for field in fields.values())
