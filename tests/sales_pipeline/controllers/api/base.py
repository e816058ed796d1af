"""Speak to the API as its clients do, and check that every answer is what the documentation says."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from odoo import fields
from odoo.tests import new_test_user
from werkzeug.exceptions import HTTPException

from odoo.addons.sales_pipeline.rest.compose import compose
from odoo.addons.sales_pipeline.rest.problems import TITLES
from tests.common import PipelineHttpCase

GROUPS = {
    "admin": "sales_pipeline.group_admin",
    "manager": "sales_pipeline.group_manager",
    "rep": "sales_pipeline.group_rep",
    "customer_success": "sales_pipeline.group_customer_success",
    "other": "base.group_user",
}


@dataclass(frozen=True)
class Client:
    """Who asks: a user of Odoo, with the text of a token."""

    user: Any
    token: str


@dataclass(frozen=True)
class Answer:
    """What was answered; ``body`` is None where there is none."""

    status: int
    headers: Any
    body: Any

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


class ApiCase(PipelineHttpCase):
    """``client`` makes somebody who may ask, ``api`` asks; without ``as_`` a manager asks."""

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)
        self._clients = {}
        # Windows are counted beside the transaction of the test; tests of limits have a real server.
        self.env.ref("sales_pipeline.api_plan_default").quota = 0

    def client(self, role: str = "manager", scopes: list[str] | None = None, login: str | None = None) -> Client:
        """Return somebody of a role; with scopes a client of ours, else the holder of an Odoo key."""
        login = login or f"api_{role}"
        key = (login, tuple(scopes) if scopes is not None else None)
        if key not in self._clients:
            user = self.env["res.users"].search([("login", "=", login)]) or new_test_user(
                self.env, login, name=login.replace("_", " ").title(), groups=GROUPS[role], email=f"{login}@our.example"
            )
            self._clients[key] = Client(user, self._issue(user, scopes))
        return self._clients[key]

    def _issue(self, user, scopes: list[str] | None) -> str:
        if scopes is None:
            expires = fields.Datetime.now() + timedelta(days=1)
            return self.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "test", expires)
        client = self.env["pipeline.api.client"].create({
            "name": f"{user.name} {' '.join(scopes)}", "user_id": user.id, "scopes": " ".join(scopes),
        })  # fmt: skip
        return client._issue_token("static")[1]

    def api(self, method, path, json=None, headers=None, as_: Client | None = None, **parameters) -> Answer:
        """Send a request below /api and return its answer, which must fit its documentation.

        :param path: without ``/api``, for instance ``/leads``
        :param parameters: of the address
        """
        self.env.flush_all()
        client = as_ or self.client()
        sent = {"Authorization": f"Bearer {client.token}"} | (headers or {})
        response = self.url_open(
            f"/api{path}", method=method, json=json, headers={k: v for k, v in sent.items() if v is not None},
            params=parameters or None, allow_redirects=False, timeout=60,
        )  # fmt: skip
        self.env.invalidate_all()
        is_json = response.content and "json" in response.headers.get("Content-Type", "")
        answer = Answer(response.status_code, response.headers, response.json() if is_json else None)
        self._check(method, f"/api{path}", answer)
        return answer

    def _check(self, method: str, path: str, answer: Answer) -> None:
        """Fail on an answer that its operation does not announce."""
        self.assertTrue(answer.headers.get("X-Request-Id"), "an answer without a request id")
        if answer.status >= 400:
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
            self.assertIn(answer.body["code"], TITLES)
            self.assertEqual(answer.body["status"], answer.status)
            self.assertNotIn("Traceback", str(answer.body))
            return
        operation = self._find_operation(method, path)
        if operation is None or answer.body is None or answer.status in (204, 304) or not operation.answer:
            return
        self.assertIn(answer.status, {operation.status, *operation.others}, "a status that is not documented")
        name = operation.answer
        is_page = name.startswith("List[")
        schema = compose(self.env, name[5:-1] if is_page else name)
        for values in answer.body["data"] if is_page else [answer.body]:
            if len(values) >= len([field for field in schema.model_fields.values() if field.is_required()]):
                schema.model_validate(values)

    def _find_operation(self, method: str, path: str):
        adapter = self.env["ir.http"].routing_map().bind("localhost")
        try:
            endpoint, _args = adapter.match(path, method=method)
        except HTTPException:
            return None
        return endpoint.routing.get("operation")
