import json
import re
from contextlib import contextmanager
from unittest.mock import patch
from uuid import uuid4

from odoo.tests import new_test_user
from odoo.tools import SQL

from odoo.addons.sales_pipeline.rest import auth
from tests.sales_pipeline.controllers.api import matrix
from tests.sales_pipeline.controllers.api.base import ApiCase, Client
from tests.sales_pipeline.controllers.api.world import MARK, ROLES, WorldCase, list_operations, read_state


class TestMatrix(WorldCase):
    """Every route that is installed, whoever brought it, for everybody."""

    def setUp(self):
        super().setUp()
        events = self.env.registry["pipeline.event"]
        # The test's transaction is never settled.
        self.startPatcher(patch.object(events, "_get_feed_end", lambda _self: SQL("'9223372036854775807'::xid8")))

    def test_everybody_gets_what_the_tables_say_and_refusals_change_nothing(self):
        for role in ROLES:
            self.as_role(role)
        self.state = self.read_state()
        for table in matrix.TABLES.values():
            for line in matrix.read_table(table):
                found = {role: self.ask(line, role) for role in ROLES}

                with self.subTest(line.name):
                    self.assertEqual(found, line.cells)

    def ask(self, line: matrix.Line, role: str) -> str:
        """Send a request of the table, and return what its cell should say."""
        with self.undone(line.method):
            answer = self.send(line, self.fill, self.as_role(role))
            if answer.status in (401, 403, 404, 422):
                self.check_refusal(line, role, answer)
        if answer.status == 200 and line.name in matrix.LISTED:
            return "sees" if self.ids[matrix.LISTED[line.name]] in str(answer.body["data"]) else "-"
        return str(answer.status)

    def check_refusal(self, line: matrix.Line, role: str, answer) -> None:
        """Check that a refusal changed nothing, and tells nothing that the caller may not know."""
        self.assertEqual(self.read_state(), self.state, f"{line.name} was refused to {role}, but something changed")
        if answer.status == 403 and line.cells.get(role) == "403" and "{" in line.path:
            # Who gets 403 may read the record.
            return
        self.assertNotIn(MARK, f"{answer.body} {answer.headers}", f"{line.name} tells {role} what it refuses")
        self.assertNotIn("ETag", answer.headers)
        if answer.status in (404, 422):
            nothing = self.send(line, self.fill_with_nothing, self.as_role("admin"))
            self.assertEqual(nothing.status, answer.status)
            self.assertEqual(self.without_ids(nothing.body), self.without_ids(answer.body), f"{line.name} as {role}")

    def send(self, line: matrix.Line, fill, client: Client):
        body = matrix.BODIES.get(line.name)
        parameters = {"limit": 1000, "after": "start"} if line.path == "/changes" else {}
        return self.api(
            line.method, fill(line.path), json=None if body is None else json.loads(fill(json.dumps(body))),
            as_=client, **parameters,
        )  # fmt: skip

    def without_ids(self, body):
        return {name: value for name, value in body.items() if name not in ("instance", "request_id")}

    @contextmanager
    def undone(self, method: str):
        """Take back what happens inside, so that everybody meets the same world."""
        if method == "GET":
            yield
            return
        self.env.flush_all()
        self.env.cr.execute("SAVEPOINT matrix")
        yield
        self.env.cr.precommit.clear()
        self.env.cr.execute("ROLLBACK TO SAVEPOINT matrix")
        self.env.invalidate_all(flush=False)
        # Who listens is remembered by the process.
        self.env.registry.clear_cache()


class TestTable(ApiCase):
    def test_every_route_has_a_line_in_the_table(self):
        self.api("GET", "/me")
        routes = self.env["ir.http"].routing_map()
        adapter = routes.bind("localhost")
        judged = set()
        for table in matrix.TABLES.values():
            for line in matrix.read_table(table):
                path = "/api" + re.sub(r"{\w+}", str(uuid4()), line.path)
                rule, _ids = adapter.match(path, method=line.method, return_rule=True)
                judged.add((line.method, rule.rule))

        installed = {
            (method, rule.rule)
            for rule in routes.iter_rules()
            if rule.endpoint.routing["type"] == "rest" and not rule.endpoint.routing["operation"].is_public
            for method in rule.endpoint.routing["methods"]
        }
        self.assertEqual(judged, installed)


class TestScopes(ApiCase):
    """An administrator asks, so that nothing but the scope can be what is missing."""

    def test_without_its_scope_an_operation_is_refused_and_nothing_changes(self):
        self.api("GET", "/me")
        everything = sorted(self.env["pipeline.api.scope"].search([]).mapped("code"))
        reading = [scope for scope in everything if scope.endswith(":read")]
        clients = {"none": self.client("admin", []), "reading": self.client("admin", reading)}
        clients |= {scope: self.client("admin", [each for each in everything if each != scope]) for scope in everything}
        operations = [(m, rule, o) for m, rule, o in list_operations(self.env) if o.scopes]
        self.assertGreater(len(operations), 50)
        before = read_state(self.env)
        for method, rule, operation in operations:
            path = re.sub(r"<any\((\w+)[^>]*>", r"\1", re.sub(r"<(uuid|string):\w+>", str(uuid4()), rule))
            for lacking in ("none", "reading", *operation.scopes):
                answer = self.api(method, path, json=None if method == "GET" else {}, as_=clients[lacking])
                with self.subTest(method=method, rule=rule, lacking=lacking):
                    if lacking == "reading" and method == "GET":
                        self.assertNotEqual(answer.body.get("code"), "insufficient-scope")
                        continue
                    self.assertEqual((answer.status, answer.body["code"]), (403, "insufficient-scope"))
                    self.assertIn(operation.scopes[0], answer.headers["WWW-Authenticate"])
        self.assertEqual(before, read_state(self.env))

    def test_without_a_valid_token_everything_is_refused_and_nothing_changes(self):
        # Wrong tokens are counted, and so many are refused for that alone.
        self.startPatcher(patch.object(auth, "count_failure"))
        self.api("GET", "/me")
        portal = new_test_user(self.env, "api_portal", groups="base.group_portal", email="portal@w.example")
        nobody = {
            "no token": None, "a word": "Bearer nothing", "a basic name": "Basic YWRtaW46YWRtaW4=",
            "one of the portal": f"Bearer {self._issue(portal, None)}",
        }  # fmt: skip
        before = read_state(self.env)
        for method, rule, operation in list_operations(self.env):
            if operation.is_public:
                continue
            path = re.sub(r"<any\((\w+)[^>]*>", r"\1", re.sub(r"<(uuid|string):\w+>", str(uuid4()), rule))
            for who, header in nobody.items():
                with self.subTest(method=method, rule=rule, who=who):
                    answer = self.api(method, path, headers={"Authorization": header})
                    self.assertEqual((answer.status, answer.body["code"]), (401, "unauthenticated"))
        self.assertEqual(before, read_state(self.env))
