"""Addresses of the API: customers."""

from uuid import UUID

from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply_page, reply_record
from ...rest.call import current_call

_EXAMPLE = {"customer": {
    "customer_name": "Example Roofs", "customer_type": "sme", "lifecycle_stage": "onboarding",
    "contact_info": {"email": "dana@example.com"},
}}  # fmt: skip

class CustomersController(Controller):
    @api.route("/api/customers", methods=["GET"], operation=Operation(
        "List customers", scope="customers:read", tag="Customers", answer="List[Customer]", query="CustomerQuery",
    ))  # fmt: skip
    def list_customers(self) -> Response:
        """Answer with the customers that the acting user may see."""
        customers = request.env["pipeline.api.customer"]
        return reply_page(customers, customers._list(current_call().query))

    @api.route("/api/customers", methods=["POST"], operation=Operation(
        "Enter a customer", scope="customers:write", tag="Customers", body="CustomerCreate",
        examples=_EXAMPLE, answer="Customer",
        status=201, others={200: "the deal has this customer already"},
    ))  # fmt: skip
    def create_customer(self) -> Response:
        """Answer with the customer, who may be known from the deal already."""
        customers = request.env["pipeline.api.customer"]
        customer, is_new = customers._create(current_call().body)
        return reply_record(customers, customer, 201 if is_new else 200, location=is_new)

    @api.route("/api/customers/<uuid:id>", methods=["GET"], operation=Operation(
        "Read a customer", scope="customers:read", tag="Customers", answer="Customer", query="CustomerRead",
        is_conditional=True,
    ))  # fmt: skip
    def read_customer(self, id: UUID) -> Response:
        """Answer with one customer."""
        customers = request.env["pipeline.api.customer"]
        return reply_record(customers, customers._find(str(id)))

    @api.route("/api/customers/<uuid:id>", methods=["PUT"], operation=Operation(
        "Replace a customer", scope="customers:write", tag="Customers", body="CustomerReplace",
        examples=_EXAMPLE, answer="Customer",
        is_conditional=True,
    ))  # fmt: skip
    def replace_customer(self, id: UUID) -> Response:
        """Answer with the customer as it is now."""
        return self._change(id, "replace")

    @api.route("/api/customers/<uuid:id>", methods=["PATCH"], operation=Operation(
        "Change a customer", scope="customers:write", tag="Customers", body="CustomerPatch",
        examples={"stage": {"lifecycle_stage": "active"}}, answer="Customer",
        is_conditional=True,
    ))  # fmt: skip
    def patch_customer(self, id: UUID) -> Response:
        """Answer with the customer as it is now."""
        return self._change(id, "patch")

    def _change(self, id: UUID, mode) -> Response:
        customers = request.env["pipeline.api.customer"]
        customer = customers._find(str(id), for_write=True)
        customers._check_match(customer)
        customers._change(customer, current_call().body, mode)
        return reply_record(customers, customer)
