"""Each API failure becomes one clear error without the key, retried only if that can help."""

import json
import logging
import pickle
import traceback
from typing import Any
from urllib.parse import quote_plus

import pytest
from pydantic import SecretStr

from outreach.campaign import Area
from outreach.census import fetch_rates
from outreach.errors import (
    AnswerMalformed,
    KeyRefused,
    OutreachError,
    QueryRefused,
    ServiceError,
    ServiceUnavailable,
)
from outreach.settings import read_settings
from outreach.transport import Transport

COOK = Area(state="17", county="031")
NORTH = "17031010100"
KEY_HEADER = {"X-DataWebAPI-KeyError": "1"}
TEMPORARY = (
    "There was an error while running your query.  We've logged the error and we'll correct it"
    " ASAP.  Sorry for the inconvenience."
)


def page(title: str) -> str:
    return f"<html><head><title>{title}</title></head><body><p>Words.</p></body></html>"


def fail(api: Any, transport: Any, *replies: Any) -> ServiceError:
    """Serve the replies, expect a failure, and return it."""
    api.serve(*replies)
    with pytest.raises(ServiceError) as caught:
        fetch_rates(2020, COOK, transport)
    return caught.value


def test_a_redirect_says_whether_the_key_is_missing_or_wrong(api: Any, transport: Any) -> None:
    home = "https://api.census.gov/data"
    missing = fail(
        api,
        transport,
        api.reply(status=302, headers={**KEY_HEADER, "Location": f"{home}/missing_key.html"}),
    )
    assert isinstance(missing, KeyRefused)
    assert "has no Census API key" in str(missing)
    invalid = fail(
        api,
        transport,
        api.reply(status=302, headers={**KEY_HEADER, "Location": f"{home}/invalid_key.html"}),
    )
    assert isinstance(invalid, KeyRefused)
    assert "is not valid" in str(invalid)
    assert len(api.queries) == 2


def test_a_page_about_the_key_with_status_200_is_a_key_error(api: Any, transport: Any) -> None:
    invalid = fail(api, transport, api.reply(page("Invalid Key")))
    assert isinstance(invalid, KeyRefused)
    assert "is not valid" in str(invalid)
    missing = fail(api, transport, api.reply(page("Missing Key")))
    assert isinstance(missing, KeyRefused)
    assert "has no Census API key" in str(missing)


def test_any_other_page_with_status_200_is_named_by_its_title(api: Any, transport: Any) -> None:
    error = fail(api, transport, api.reply(page("Guest &amp; Wi-Fi sign-in")))
    assert isinstance(error, AnswerMalformed)
    assert "'Guest & Wi-Fi sign-in'" in str(error)


def test_any_other_redirect_is_not_followed(api: Any, transport: Any) -> None:
    error = fail(
        api, transport, api.reply(status=301, headers={"Location": f"{api.url}/elsewhere?key=1"})
    )
    assert isinstance(error, AnswerMalformed)
    assert "/elsewhere)" in str(error)
    assert len(api.queries) == 1


def test_a_refused_request_quotes_the_service_and_is_not_retried(api: Any, transport: Any) -> None:
    error = fail(api, transport, api.reply("error: unknown variable 'CRRALL'", 400))
    assert isinstance(error, QueryRefused)
    assert "error: unknown variable 'CRRALL'" in str(error)
    assert "responserate 2020, state 17, county 031" in str(error)
    assert len(api.queries) == 1


def test_an_unknown_year_or_dataset_is_named_and_not_retried(api: Any, transport: Any) -> None:
    error = fail(api, transport, api.reply(page("HTTP Status 404"), 404))
    assert isinstance(error, QueryRefused)
    assert "no such dataset in that year" in str(error)
    assert len(api.queries) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_temporary_failure_is_retried_until_it_succeeds(
    status: int, api: Any, transport: Any
) -> None:
    failure = api.reply(page("Trouble"), status)
    api.serve(failure, failure, api.table(api.rates(NORTH)))
    assert list(fetch_rates(2020, COOK, transport).index) == [NORTH]
    assert len(api.queries) == 3


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_lasting_failure_is_reported_after_the_retries(
    status: int, api: Any, transport: Any
) -> None:
    error = fail(api, transport, api.reply(page("Trouble"), status))
    assert isinstance(error, ServiceUnavailable)
    assert f"status {status}" in str(error)
    assert len(api.queries) == 3


def test_a_temporary_failure_with_status_200_or_400_is_recognized(api: Any, transport: Any) -> None:
    assert isinstance(fail(api, transport, api.reply(TEMPORARY)), ServiceUnavailable)
    assert isinstance(fail(api, transport, api.reply(TEMPORARY, 400)), ServiceUnavailable)


def test_a_broken_connection_is_retried(api: Any, transport: Any) -> None:
    api.serve(api.reply(reset=True), api.table(api.rates(NORTH)))
    assert list(fetch_rates(2020, COOK, transport).index) == [NORTH]
    assert len(api.queries) == 2


def test_a_service_that_always_disconnects_is_unavailable(api: Any, transport: Any) -> None:
    assert isinstance(fail(api, transport, api.reply(reset=True)), ServiceUnavailable)
    assert len(api.queries) == 3
    assert isinstance(
        fail(api, transport, api.reply("[[" + "1," * 5_000, cut=True)), ServiceUnavailable
    )


@pytest.mark.parametrize(
    "body", ['[["GEO_ID","CRRALL"],["14000', "", "null", '{"rows": 1}', "[]", '["GEO_ID"]']
)
def test_an_answer_that_is_not_a_table_is_malformed(body: str, api: Any, transport: Any) -> None:
    assert isinstance(fail(api, transport, api.reply(body)), AnswerMalformed)


def test_a_renamed_column_is_named(api: Any, transport: Any) -> None:
    api.serve(api.table(api.rates(NORTH)))
    body = api.replies[0].body({"get": "GEO_ID,RESP_DATE,CRRALL,CRRINT,DRRALL,DRRINT"})
    error = fail(api, transport, api.reply(body.replace("CRRALL", "CRR_ALL")))
    assert isinstance(error, AnswerMalformed)
    assert "the column CRRALL 0 times" in str(error)
    assert "CRR_ALL" in str(error)


def test_a_short_row_is_named(api: Any, transport: Any) -> None:
    api.serve(api.table(api.rates(NORTH)))
    rows = json.loads(api.replies[0].body({"get": "GEO_ID,RESP_DATE,CRRALL,CRRINT,DRRALL,DRRINT"}))
    error = fail(api, transport, api.reply(json.dumps([rows[0], rows[1][:-1]])))
    assert isinstance(error, AnswerMalformed)
    assert "row 1 has 8 values for 9 columns" in str(error)


def _echo(query: dict[str, str]) -> str:
    return page(f"No answer for {query['key']} ({quote_plus(query['key'])})")


@pytest.mark.parametrize("fault", ["closed", "reset", "cut", 200, 302, 400, 404, 429, 500])
def test_no_error_or_cause_shows_the_key(
    fault: int | str, api: Any, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # A run of a flow in this process quiets the client's own logger.
    caplog.set_level(logging.DEBUG, logger="urllib3")
    replies = {
        "reset": api.reply(reset=True),
        "cut": api.reply(_echo, cut=True),
        302: api.reply(_echo, 302, headers={"Location": f"https://x.test/?key={quote_plus(key)}"}),
    }
    api.serve(replies.get(fault, api.reply(_echo, fault if isinstance(fault, int) else 200)))
    address = "http://127.0.0.1:9" if fault == "closed" else api.url
    settings = read_settings(
        api_url=address, retries=1, backoff_seconds=0, census_api_key=SecretStr(key)
    )
    with Transport(settings, settings.find_key()) as session, pytest.raises(ServiceError) as caught:
        fetch_rates(2020, COOK, session)
    error: BaseException | None = caught.value
    assert isinstance(error, OutreachError)
    output = "".join(traceback.format_exception(error)) + caplog.text + repr(settings)
    while error is not None:
        output += repr(error) + str(error) + repr(vars(error)) + repr(pickle.dumps(error.args))
        error = error.__cause__ or error.__context__
    assert key not in output
    assert quote_plus(key) not in output
    assert caplog.records
