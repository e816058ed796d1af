import json
from unittest.mock import patch
from uuid import uuid4

import psycopg2.errors
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import Controller, request
from odoo.tools import mute_logger

from odoo.addons.sales_pipeline.rest import api, dispatcher, ir_http
from odoo.addons.sales_pipeline.rest.api import Operation, reply
from odoo.addons.sales_pipeline.rest.call import Caller, current_call
from odoo.addons.sales_pipeline.rest.idempotency import Claim, StoredAnswer
from odoo.addons.sales_pipeline.rest.limits import LimitState
from odoo.addons.sales_pipeline.schemas.common import (
    Amount,
    Day,
    Moment,
    Name,
    Schema,
    Tags,
    Uuid,
    amount_to_json,
    day_to_json,
    moment_to_json,
)
from tests.sales_pipeline.controllers.api.base import ApiCase

WRITTEN = "sales_pipeline.test_probe"


class Conflict(psycopg2.errors.SerializationFailure):
    """What PostgreSQL says when two transactions changed the same row."""

    pgcode = "40001"


FAILURES = {
    "user": UserError("Not now."),
    "validation": ValidationError("Not like this."),
    "access": AccessError("secret words of a rule"),
    "busy": psycopg2.errors.QueryCanceled("secret statement"),
    "bug": ValueError("/secret/path"),
    "conflict": Conflict("secret statement"),
}


class Inner(Schema):
    word: Name | None = None


class Probe(Schema):
    name: Name
    amount: Amount | None = None
    day: Day | None = None
    moment: Moment | None = None
    other_id: Uuid | None = None
    inner: Inner | None = None
    tags: Tags = []
    failure: str | None = None


class ProbeController(Controller):
    @api.route("/api/probe", methods=["POST"], operation=Operation(
        "Probe", scope="probe:write", tag="Probe", body="Probe", answer="Probe", status=201,
    ))  # fmt: skip
    def post_probe(self):
        body = current_call().body
        request.env["ir.config_parameter"].sudo().set_param(WRITTEN, body.name)
        if body.failure:
            raise FAILURES[body.failure]
        return reply({
            "name": body.name, "amount": amount_to_json(body.amount), "day": day_to_json(body.day),
            "moment": moment_to_json(body.moment), "other_id": body.other_id,
            "inner": body.inner and {"word": body.inner.word}, "tags": body.tags,
        }, 201)  # fmt: skip

    @api.route("/api/probe/<uuid:probe_id>", methods=["PATCH"], operation=Operation(
        "Change", scope="probe:write", tag="Probe", body="Probe", is_conditional=True,
    ))  # fmt: skip
    def patch_probe(self, probe_id):
        current_call().check_match('"0123"')
        return reply({})

    @api.route("/api/probe", methods=["GET"], operation=Operation("Write in a read", scope=None, tag="Probe"))
    def get_probe(self):
        request.env["ir.config_parameter"].sudo().set_param(WRITTEN, "by a read")
        return reply({})


# Only these tests have the routes; others look at all that are installed.
Controller.children_classes[""].remove(ProbeController)


class TestProtocol(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Controller.children_classes[""].append(ProbeController)
        cls.startClassPatcher(patch.dict(cls.env["pipeline.api.resource"]._api_schemas, {"Probe": Probe}))
        cls.env.registry.clear_cache("routing")

    @classmethod
    def tearDownClass(cls):
        Controller.children_classes[""].remove(ProbeController)
        cls.env.registry.clear_cache("routing")
        cls.env.registry.__dict__.pop("_sales_pipeline_api", None)
        super().tearDownClass()

    def _post(self, **values):
        return self.api("POST", "/probe", values)

    def _send(self, raw, kind="application/json"):
        self.env.flush_all()
        headers = {"Authorization": f"Bearer {self.client().token}", "Content-Type": kind}
        response = self.url_open("/api/probe", data=raw, headers=headers)
        self.env.invalidate_all()
        return response

    def _written(self):
        return self.env["ir.config_parameter"].get_param(WRITTEN)

    # ---- bodies

    def test_values_come_back_as_they_were_sent(self):
        sent = {
            "name": "Ann", "amount": "12.50", "day": "2026-03-01", "moment": "2026-03-01T09:30:00Z",
            "other_id": str(uuid4()), "inner": {"word": "hello"}, "tags": ["a", "b"],
        }  # fmt: skip

        answer = self._post(**sent)

        self.assertEqual((answer.status, answer.body), (201, sent))
        self.assertEqual(self._written(), "Ann")

    def test_a_moment_of_another_zone_is_answered_in_utc(self):
        answer = self._post(name="x", moment="2026-03-01T09:30:00+05:30")

        self.assertEqual(answer.body["moment"], "2026-03-01T04:00:00Z")

    def test_each_wrong_value_is_named_by_its_pointer(self):
        for values, pointer, code in (
            ({}, "/name", "required"),
            ({"name": ""}, "/name", "invalid"),
            ({"name": 5}, "/name", "invalid"),
            ({"name": None}, "/name", "invalid"),
            ({"name": "x", "amount": 5}, "/amount", "invalid"),
            ({"name": "x", "amount": "1e5"}, "/amount", "invalid"),
            ({"name": "x", "day": "2026-02-30"}, "/day", "invalid"),
            ({"name": "x", "day": "20260201"}, "/day", "invalid"),
            ({"name": "x", "moment": "2026-02-01T10:00:00"}, "/moment", "invalid"),
            ({"name": "x", "moment": "0001-01-01T00:00:00+14:00"}, "/moment", "invalid"),
            ({"name": "x", "other_id": "7"}, "/other_id", "invalid"),
            ({"name": "x", "inner": {"wrod": "hello"}}, "/inner/wrod", "unknown"),
            ({"name": "x", "inner": []}, "/inner", "invalid"),
            ({"name": "x", "tags": ["a", ""]}, "/tags/1", "invalid"),
            ({"name": "x", "tags": ["a"] * 501}, "/tags", "too-long"),
            ({"name": "x", "a/b~": 1}, "/a~1b~0", "unknown"),
        ):
            with self.subTest(values=values):
                answer = self._post(**values)

                self.assertEqual((answer.status, answer.body["code"]), (422, "validation-failed"))
                self.assertEqual(answer.body["errors"][0]["pointer"], pointer)
                self.assertEqual(answer.body["errors"][0]["code"], code)
        self.assertFalse(self._written())

    def test_a_body_that_is_no_object_of_json_is_refused(self):
        deep = b'{"name": ' + b'{"a":' * 17 + b"1" + b"}" * 18
        for raw in (b"[]", b"{", b"\xff\xfe", b'{"name": "a", "name": "b"}', b'{"name": NaN}', deep):
            with self.subTest(raw=raw[:30]):
                answer = self._send(raw)

                self.assertEqual((answer.status_code, answer.json()["code"]), (400, "malformed-body"))
        self.assertFalse(self._written())

    def test_a_body_of_another_type_is_refused_with_the_right_one(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", ""):
            with self.subTest(kind=kind):
                answer = self._send(b'{"name": "x"}', kind)

                self.assertEqual((answer.status_code, answer.json()["code"]), (415, "unsupported-media-type"))
                self.assertEqual(answer.headers["Accept"], "application/json")

    def test_a_body_beyond_one_mebibyte_is_refused(self):
        fits = b'{"name": "x"' + b" " * (1024 * 1024 - 13) + b"}"

        self.assertEqual(self._send(fits).status_code, 201)
        answer = self._send(fits + b" ")

        self.assertEqual((answer.status_code, answer.json()["code"]), (413, "too-large"))

    # ---- who may

    def test_a_client_without_the_scope_is_refused_before_its_body_is_read(self):
        user = self.client("rep").user
        caller = Caller("client:7", user.id, user.company_id.id, frozenset({"probe:read"}), 7)

        with patch.object(ir_http, "authenticate", return_value=caller):
            answer = self._post(wrong=True)

        self.assertEqual((answer.status, answer.body["code"]), (403, "insufficient-scope"))
        self.assertIn('scope="probe:write"', answer.headers["WWW-Authenticate"])

    def test_who_asked_too_often_is_told_how_long_to_wait(self):
        with patch.object(dispatcher.limits, "count_request", return_value=LimitState(100, 0, 10, 7, True)):
            answer = self._post(name="x")

        self.assertEqual((answer.status, answer.body["code"]), (429, "rate-limited"))
        self.assertEqual((answer.headers["Retry-After"], answer.body["retry_after"]), ("7", 7))
        self.assertEqual(answer.headers["RateLimit-Policy"], '"default";q=100;w=10')
        self.assertEqual(answer.headers["RateLimit"], '"default";r=0;t=7')
        self.assertFalse(self._written())

    def test_a_page_of_a_website_of_the_client_may_read_the_answer(self):
        user = self.client().user
        caller = Caller("client:7", user.id, user.company_id.id, origins=("https://shop.example",))

        with patch.object(ir_http, "authenticate", return_value=caller):
            told = self.api("POST", "/probe", {"name": "x"}, headers={"Origin": "https://shop.example"})
            hidden = self.api("POST", "/probe", {"name": "x"}, headers={"Origin": "https://evil.example"})
            refused = self.api("POST", "/probe", {}, headers={"Origin": "https://shop.example"})

        self.assertEqual(told.headers["Access-Control-Allow-Origin"], "https://shop.example")
        self.assertNotIn("Access-Control-Allow-Origin", hidden.headers)
        self.assertEqual(refused.headers["Access-Control-Allow-Origin"], "https://shop.example")

    # ---- failures

    def test_a_failure_is_told_in_its_words_and_undoes_the_work(self):
        for failure, status, code in (
            ("user", 409, "conflict-of-state"), ("validation", 422, "validation-failed"), ("access", 403, "forbidden"),
            ("busy", 503, "busy"), ("bug", 500, "internal"),
        ):  # fmt: skip
            with self.subTest(failure=failure), mute_logger("odoo.http", "odoo.sql_db"):
                answer = self._post(name="x", failure=failure)

                self.assertEqual((answer.status, answer.body["code"]), (status, code))
                self.assertNotIn("secret", json.dumps(answer.body))
                self.assertFalse(self._written())

    def test_a_conflict_is_tried_again_and_in_the_end_told_with_when_to_come_back(self):
        with patch("odoo.service.model.time.sleep") as sleep, mute_logger("odoo.http", "odoo.sql_db"):
            answer = self._post(name="x", failure="conflict")

        self.assertEqual(sleep.call_count, 4)
        self.assertEqual((answer.status, answer.body["code"], answer.headers["Retry-After"]), (503, "busy", "1"))
        self.assertNotIn("secret", json.dumps(answer.body))
        self.assertFalse(self._written())

    def test_the_words_of_a_refusal_reach_the_caller(self):
        self.assertEqual(self._post(name="x", failure="user").body["detail"], "Not now.")
        self.assertEqual(self._post(name="x", failure="validation").body["detail"], "Not like this.")

    def test_a_read_cannot_write(self):
        with mute_logger("odoo.http", "odoo.sql_db", "odoo.service.model"):
            self.api("GET", "/probe")

        self.assertNotEqual(self._written(), "by a read")

    # ---- conditions and keys

    def test_a_change_of_what_was_not_seen_is_refused(self):
        path = f"/probe/{uuid4()}"
        for tag, status in (
            (None, 200), ("*", 200), ('"0123"', 200), ('"0123-ab"', 200), ('"9", "0123"', 200), ('"9"', 412),
            ('W/"0123"', 412), ("0123", 412),
        ):  # fmt: skip
            with self.subTest(tag=tag):
                answer = self.api("PATCH", path, {"name": "x"}, headers={"If-Match": tag})

                self.assertEqual(answer.status, status)

    def test_a_malformed_key_is_refused(self):
        for key in ('""', "a b", "x" * 256):
            with self.subTest(key=key[:5]):
                answer = self.api("POST", "/probe", {"name": "x"}, headers={"Idempotency-Key": key})

                self.assertEqual((answer.status, answer.body["code"]), (400, "malformed-key"))

    def test_an_answer_is_kept_under_its_key_and_an_error_frees_it(self):
        claim, keeper = Claim(7, "attempt"), dispatcher.idempotency
        with patch.object(keeper, "claim", return_value=claim), patch.object(keeper, "store_answer") as store, \
                patch.object(keeper, "release") as release:  # fmt: skip
            self.api("POST", "/probe", {"name": "x"}, headers={"Idempotency-Key": '"k"'})
            self.assertEqual((store.call_count, release.call_count), (1, 0))
            self.api("POST", "/probe", {"name": "x", "failure": "user"}, headers={"Idempotency-Key": "k"})
            self.assertEqual((store.call_count, release.call_count), (1, 1))

    def test_a_kept_answer_is_given_again_without_the_work(self):
        kept = StoredAnswer(201, (("Content-Type", "application/json"),), b'{"name": "kept"}')
        with patch.object(dispatcher.idempotency, "claim", return_value=kept):
            answer = self.api("POST", "/probe", {"name": "x"}, headers={"Idempotency-Key": "k"})

        self.assertEqual((answer.status, answer.body), (201, {"name": "kept"}))
        self.assertEqual(answer.headers["Idempotency-Replayed"], "true")
        self.assertFalse(self._written())
