"""Customers, as the API shows and reads them."""

from collections import defaultdict
from typing import Any

from odoo import models
from odoo.fields import Domain
from pydantic import BaseModel

from ..rest.call import find_call
from ..rest.problems import ApiProblem, invalid
from . import customer_schemas as schemas
from .base import Mode
from .common import ListQuery, amount_to_json, moment_to_json
from .parts import contact_to_json, fetch_documents, read_contact

_CONTACT = {"email": "email", "phone": "phone"}
_MOST_PURCHASES = 20
_MOST_ORDERS_READ = 2000


class PipelineApiCustomer(models.AbstractModel):
    _name = "pipeline.api.customer"
    _inherit = "pipeline.api.resource"
    _description = "Customers of the API"

    _api_model = "pipeline.customer"
    _api_path = "/api/customers"
    _api_schemas = schemas.SCHEMAS
    _api_sorts = schemas.SORTS
    _api_filters = schemas.FILTERS
    _api_read_only = frozenset(schemas.READ_ONLY)

    # ---- out

    def _represent(self, records, expand: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        call = find_call()
        is_list = call is not None and isinstance(call.query, ListQuery)
        rows = [self._represent_customer(customer) for customer in records.sudo()]
        if "purchase_history" in expand or not is_list:
            purchases = self._fetch_purchases(records)
            for row, customer in zip(rows, records, strict=True):
                row["purchase_history"] = purchases[customer.id]
        if "documents" in expand:
            for row, customer in zip(rows, records, strict=True):
                row["documents"] = fetch_documents(customer)[customer.id]
        return rows

    def _represent_customer(self, customer) -> dict[str, Any]:
        deal, manager = customer.opportunity_id, customer.csm_id.uuid or None
        contact = contact_to_json(customer.contact_id or customer.partner_id, _CONTACT)
        return {
            "id": customer.uuid,
            "customer_name": customer.partner_id.name or "",
            "customer_type": customer.customer_type,
            "contact_info": contact | {"whatsapp": deal.whatsapp or None},
            "opportunity_id": deal.uuid or None,
            "lead_id": deal.uuid if deal.date_conversion else None,
            "customer_success_manager": manager,
            "assigned_csm": manager,
            "onboarding_status": customer.onboarding_status or "pending",
            "onboarding_percent": customer.onboarding_percent,
            "health_score": customer.health_score,
            "lifecycle_stage": customer.lifecycle_stage,
            "communication_history": f"/api/customer/{customer.uuid}/activities",
            "created_at": moment_to_json(customer.create_date),
            "updated_at": moment_to_json(customer.write_date),
        }

    def _fetch_purchases(self, customers) -> dict[int, list[dict[str, Any]]]:
        """Return the newest orders by customer id, as far as the acting user may see them."""
        found: dict[tuple, list[dict[str, Any]]] = defaultdict(list)
        is_order = Domain("state", "=", "sale") | Domain("accepted_at", "!=", False)
        orders = self.env["sale.order"]
        if orders.has_access("read"):
            domain = customers.sudo()._get_orders_domain() & is_order
            orders = orders.search(domain, order="date_order desc, id desc", limit=_MOST_ORDERS_READ)
        for order in orders.sudo():
            mine = found[order.partner_id.commercial_partner_id.id, order.company_id.id]
            if len(mine) < _MOST_PURCHASES:
                mine.append({
                    "order_id": order.uuid, "order_number": order.order_number or order.name,
                    "total_value": amount_to_json(order.amount_total, order.currency_id.decimal_places),
                    "currency": order.currency_id.name, "status": order.order_status or None,
                    "ordered_at": moment_to_json(order.accepted_at or order.date_order or None),
                })  # fmt: skip
        return {customer.id: found[customer.partner_id.id, customer.company_id.id] for customer in customers.sudo()}

    # ---- in

    def _prepare_values(self, body: BaseModel, record=None, mode: Mode = "create") -> dict[str, Any]:
        sent = body.model_fields_set
        values = {
            name: getattr(body, name) for name in ("customer_type", "lifecycle_stage") if getattr(body, name)
        }  # fmt: skip
        given = [name for name in ("customer_success_manager", "assigned_csm") if name in sent]
        if len(given) == 2 and body.customer_success_manager != body.assigned_csm:
            raise invalid("/assigned_csm", "contradiction", "It names the customer_success_manager: send one of them.")
        if given or mode == "replace":
            uuid = getattr(body, given[0]) if given else None
            users = self.env["pipeline.api.user"]
            values["csm_id"] = users._find_user(uuid, f"/{given[0]}").id if uuid else False
        return values

    def _prepare_partners(self, customer, body: BaseModel, mode: Mode) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what changes of the customer's partner, and of the contact."""
        known = customer.sudo()
        is_named = body.customer_name and body.customer_name != known.partner_id.name
        contact: dict[str, Any] = {}
        if "contact_info" in body.model_fields_set or mode == "replace":
            present = self._represent_customer(known)["contact_info"]
            is_kept = mode == "patch" and body.contact_info is not None
            country = (known.contact_id or known.partner_id).country_id or self.env.company.country_id
            contact = read_contact(body.contact_info, present, is_kept, country.code or None)
            if contact.pop("whatsapp", None):
                raise invalid("/contact_info/whatsapp", "read-only", "The WhatsApp number is kept on the deal.")
        return ({"name": body.customer_name} if is_named else {}), contact

    # ---- use cases

    def _create(self, body: BaseModel):
        """Return the customer and whether it is new.

        :raise ApiProblem: 409 for a partner who is a customer already, 422 for what cannot be used
        """
        customers = self.env["pipeline.customer"]
        customers.browse().check_access("create")
        values = self._prepare_values(body)
        if body.opportunity_id:
            customer, is_new = customers._enter_of_deal(self._find_deal(body.opportunity_id))
            if is_new and values:
                customer.write(values)
            return customer, is_new
        if not body.customer_name:
            raise invalid("/customer_name", "required", "customer_name is required without opportunity_id.")
        contact = read_contact(body.contact_info, {}, False, self.env.company.country_id.code or None)
        if contact.pop("whatsapp", None):
            raise invalid("/contact_info/whatsapp", "read-only", "The WhatsApp number is kept on the deal.")
        customer, is_new = customers._enter(values, {"name": body.customer_name, **contact})
        if not is_new:
            seen = customer._filtered_access("read").sudo()
            raise ApiProblem(
                409, "already-exists", "Somebody with this address or number is a customer already.",
                **({"customer_id": seen.uuid} if seen else {}),
            )  # fmt: skip
        return customer, True

    def _find_deal(self, uuid: str):
        try:
            return self.env["pipeline.api.opportunity"]._find(uuid)
        except ApiProblem as error:
            raise invalid("/opportunity_id", "unknown", "There is no such deal, or it is not yours to see.") from error

    def _change(self, customer, body: BaseModel, mode: Mode) -> None:
        """Bring a customer to what was sent; name and contact are those of the partners."""
        self._check_read_only(customer)
        values = self._keep_changes(customer, self._prepare_values(body, customer, mode))
        name, contact = self._prepare_partners(customer, body, mode)
        if values or name or contact:
            customer.check_access("write")
        if name:
            customer.partner_id.write(name)
        if contact:
            (customer.contact_id or customer.partner_id).write(contact)
        if values:
            customer.write(values)
