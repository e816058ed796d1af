"""One server with several databases: below /api everything is answered in JSON, whether a database is known or not."""

import contextlib

import pytest
import requests

from dev import databases, odoo_package, postgres
from dev.common import STATE, lock
from tests.live import LiveServer


@pytest.fixture(scope="module", autouse=True)
def _several(server):
    """Serve a database with our addons and one without, with us loaded for both."""
    with postgres.running("test") as cluster, lock(STATE / "template.lock"):
        base = databases.ensure_base(odoo_package.find_odoo(), cluster)
    stranger = LiveServer("api_stranger", base)
    try:
        server.stop()
        server.stranger = stranger.database
        server._answers = lambda: _answers(server)
        server.start("-d", f"{server.database},{stranger.database}", "--load", "base,web,sales_pipeline")
        yield
        server.stop()
    finally:
        stranger.close()


def _answers(server):
    with contextlib.suppress(requests.ConnectionError):
        return ask(server, "/api/health", server.database).status_code == 200


def ask(server, path, database=None, method="GET"):
    """Send a request, for a database if it is named."""
    headers = {"X-Odoo-Database": database} if database else {}
    return requests.request(method, server.base_url + path, headers=headers, timeout=60)


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/api/me", "/api/health", "/api/openapi.json"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_without_a_database_the_problem_says_how_to_choose_one(server, path, method):
    answer = ask(server, path, method=method)

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status_code in (404, 405)
    if answer.status_code == 404:
        assert "X-Odoo-Database" in answer.json()["detail"]


def test_with_the_header_the_database_answers(server):
    assert ask(server, "/api/health", server.database).json() == {"status": "ok"}
    assert ask(server, "/api/me", server.database).status_code == 401
    wrong = ask(server, "/api/nothing", server.database)
    assert (wrong.status_code, wrong.json()["code"]) == (404, "not-found")
    assert ask(server, "/api/me", server.database, "DELETE").status_code == 405


@pytest.mark.parametrize("path", ["/api/me", "/api/nothing", "/api/openapi.json"])
def test_a_database_without_our_addons_has_no_api(server, path):
    answer = ask(server, path, server.stranger)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


@pytest.mark.parametrize("path", ["/pipeline/capture/abcdefgh1234", "/pipeline/capture/abcdefgh1234/reach/12345678"])
def test_a_database_without_our_addons_has_no_lead_sources(server, path):
    answer = ask(server, path, server.stranger, "GET")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json; charset=utf-8")
    assert ask(server, path, server.database, "GET").status_code == 404


@pytest.mark.parametrize("path", ["/api/me", "/api/nothing", "/api/leads"])
def test_what_browsers_ask_first_is_answered_in_json_too(server, path):
    for database in (None, server.stranger, server.database):
        for method in ("OPTIONS", "HEAD", "PATCH"):
            answer = ask(server, path, database, method)

            assert answer.status_code < 500
            # An answer without a body says nothing of its type.
            is_json = answer.status_code == 204 or "html" not in answer.headers.get("Content-Type", "")
            assert is_json, (database, method)
            assert "Set-Cookie" not in answer.headers


def test_a_method_that_is_not_answered_is_told_with_those_that_are(server):
    answer = ask(server, "/api/leads", server.database, "DELETE")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
