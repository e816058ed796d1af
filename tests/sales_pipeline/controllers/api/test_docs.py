from unittest.mock import patch

from odoo.addons.sales_pipeline.rest.compose import compose
from odoo.addons.sales_pipeline.rest.openapi import iterate_routes
from odoo.addons.sales_pipeline.rest.problems import TITLES
from odoo.addons.sales_pipeline.schemas.common import Line, Schema
from tests.sales_pipeline.controllers.api.base import ApiCase


class Weather(Schema):
    """What another addon would add to leads."""

    weather: Line | None = None


class TestDocs(ApiCase):
    def test_the_description_names_every_route(self):
        answer = self.api("GET", "/openapi.json", headers={"Authorization": None})

        self.assertEqual((answer.status, answer.body["openapi"]), (200, "3.1.0"))
        described = {
            each["operationId"] for path in answer.body["paths"].values() for each in path.values()
        }
        installed = {rule.endpoint.func.__name__ for rule, _method, _operation in iterate_routes(self.env)}
        self.assertEqual(described, installed)
        self.assertIn("get_me", described)

    def test_every_reference_of_the_description_leads_somewhere(self):
        document = self.api("GET", "/openapi.json").body

        names = set(_references(document))

        self.assertLessEqual({"schemas/Me", "examples/busy", "headers/ETag"}, names)
        there = {f"{kind}/{name}" for kind, known in document["components"].items() for name in known}
        self.assertLessEqual(names, there)

    def test_every_body_has_an_example_that_fits(self):
        self.api("GET", "/openapi.json")
        operations = [each for *_route, each in iterate_routes(self.env) if each.body and not each.is_form]

        self.assertEqual([each.summary for each in operations if not each.examples], [])
        for operation in operations:
            for name, example in operation.examples.items():
                with self.subTest(operation.summary, example=name):
                    compose(self.env, operation.body).model_validate(example)

    def test_every_answer_has_an_example_that_fits(self):
        document = self.api("GET", "/openapi.json").body
        shown = {
            operation["operationId"]: response["content"]["application/json"]["example"]
            for path in document["paths"].values() for operation in path.values()
            for status, response in operation["responses"].items()
            if status < "300" and "application/json" in response.get("content", {})
        }  # fmt: skip

        self.assertIn("create_lead", shown)
        for rule, _method, operation in iterate_routes(self.env):
            if operation.answer:
                example, name = shown[rule.endpoint.func.__name__], operation.answer.removeprefix("List[").rstrip("]")
                with self.subTest(operation.summary):
                    for each in example["data"] if name != operation.answer else [example]:
                        compose(self.env, name).model_validate(each)

    def test_every_operation_tells_what_it_can_refuse_with_an_example_of_each(self):
        document = self.api("GET", "/openapi.json").body

        told = document["components"]["examples"]
        self.assertEqual(told.keys(), TITLES.keys() - {"method-not-allowed"})
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                with self.subTest(path, method=method):
                    refusals = {status for status in operation["responses"] if status >= "400"}
                    wanted = {"400", "404", "429", "500", "503"} | ({"401", "403"} if operation["security"] else set())
                    wanted |= {"413", "415", "422"} if method in ("post", "put", "patch") else set()
                    self.assertLessEqual(wanted, refusals)
                    for status in refusals:
                        response = operation["responses"][status]
                        if "$ref" in response:
                            response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
                        content = response["content"]["application/problem+json"]
                        for example in content.get("examples", {}).values():
                            code = example["$ref"].rpartition("/")[2]
                            self.assertEqual(told[code]["value"]["status"], int(status))

    def test_links_lead_from_what_was_made_to_what_can_be_done_with_it(self):
        paths = self.api("GET", "/openapi.json").body["paths"]

        made = paths["/api/leads"]["post"]["responses"]["201"]["links"]
        converted = paths["/api/leads/{id}/convert"]["post"]["responses"]["201"]["links"]
        tested = paths["/api/webhooks/{id}/test"]["post"]["responses"]["202"]["links"]
        self.assertLessEqual({"get_lead", "change_lead", "convert_lead", "list_of_entity"}, made.keys())
        self.assertEqual(made["list_of_entity"]["parameters"], {"entity_type": "leads", "id": "$response.body#/id"})
        self.assertIn("close_opportunity", converted)
        self.assertNotIn("convert_lead", converted)
        self.assertEqual(
            tested["redeliver"]["parameters"], {"id": "$request.path.id", "message_id": "$response.body#/id"}
        )
        known = {each["operationId"] for path in paths.values() for each in path.values()}
        self.assertLessEqual(made.keys() | converted.keys() | tested.keys(), known)

    def test_who_has_the_description_already_gets_304(self):
        first = self.api("GET", "/openapi.json")

        second = self.api("GET", "/openapi.json", headers={"If-None-Match": first.etag})

        self.assertEqual(second.status, 304)

    def test_what_an_addon_adds_to_an_entity_is_described_taken_and_answered(self):
        self._extend_leads()

        document = self.api("GET", "/openapi.json").body
        made = self.api("POST", "/leads", {"name": "Ann Sunny", "weather": "sunny"})
        read = self.api("GET", f"/leads/{made.body['id']}")

        schemas = document["components"]["schemas"]
        self.assertIn("weather", schemas["Lead"]["properties"])
        self.assertIn("weather", schemas["LeadCreate"]["properties"])
        self.assertNotIn("weather", schemas["LeadPatch"]["properties"])
        self.assertEqual(made.status, 201)
        self.assertEqual((read.status, read.body["weather"]), (200, "as told"))

    def _extend_leads(self):
        """Do what an addon does that inherits the entity."""
        leads = self.env.registry["pipeline.api.lead"]
        get_schema, represent = leads._get_api_schema, leads._represent

        def _get_api_schema(resource, name):
            return [*get_schema(resource, name), *([Weather] if name in ("Lead", "LeadCreate") else [])]

        def _represent(resource, *args, **kwargs):
            return [values | {"weather": "as told"} for values in represent(resource, *args, **kwargs)]

        kept = self.env.registry.__dict__
        kept.pop("_sales_pipeline_api", None)
        self.addCleanup(kept.pop, "_sales_pipeline_api", None)
        self.startPatcher(patch.object(leads, "_get_api_schema", _get_api_schema))
        self.startPatcher(patch.object(leads, "_represent", _represent))

    def test_the_page_takes_everything_from_this_server(self):
        page = self.url_open("/api/docs")

        self.assertEqual(page.status_code, 200)
        self.assertIn("script-src 'self'", page.headers["Content-Security-Policy"])
        self.assertNotIn("//", page.text.replace("<!DOCTYPE html>", "").replace("</", "<"))
        for path in ("lib/swagger-ui/swagger-ui-bundle.js", "lib/swagger-ui/swagger-ui.css", "docs/initializer.js"):
            self.assertIn(path, page.text)
            self.assertEqual(self.url_open(f"/sales_pipeline/static/{path}").status_code, 200)

    def test_every_problem_has_its_place_on_the_page(self):
        problem = self.api("GET", "/nothing").body

        page = self.url_open("/api/docs").text

        self.assertIn(f'id="{problem["type"].partition("#")[2]}"', page)


def _references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].removeprefix("#/components/")
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)
