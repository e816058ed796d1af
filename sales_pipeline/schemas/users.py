"""The people who own leads and deals, as the API shows them."""

from typing import Any

from odoo import models
from odoo.fields import Domain

from ..rest.problems import invalid
from .common import Filter, Flag, Line, Schema, Uuid, make_list_query
from .system import get_role

# Who has one of these groups has the role, unless an earlier role counts.
_GROUPS = {
    "admin": ("sales_pipeline.group_admin",),
    "manager": ("sales_pipeline.group_manager", "sales_team.group_sale_salesman_all_leads"),
    "rep": ("sales_team.group_sale_salesman",),
    "customer_success": ("sales_pipeline.group_customer_success",),
}
_ROLES = (*_GROUPS, "other")
_SORTS = {"created_at": "create_date", "updated_at": "write_date"}
_FILTERS = {
    "role": Filter("all_group_ids", "choice", _ROLES),
    "text": Filter("name", "text"),
    "active": Filter("active", "flag"),
}


class User(Schema):
    """Somebody who may own leads and deals; ``email`` is shown to themselves and to administrators."""

    id: Uuid
    name: Line
    role: Line
    email: Line | None
    active: Flag


UserQuery = make_list_query("User", _SORTS, _FILTERS)


class PipelineApiUser(models.AbstractModel):
    _name = "pipeline.api.user"
    _inherit = "pipeline.api.resource"
    _description = "Users of the API"

    _api_model = "res.users"
    _api_path = "/api/users"
    _api_schemas = {"User": User, "UserQuery": UserQuery}
    _api_sorts = _SORTS
    _api_filters = _FILTERS

    def _get_domain(self) -> Domain:
        return Domain("share", "=", False) & Domain("company_ids", "in", self.env.company.ids)

    def _get_condition(self, name: str, operator: str, value: Any) -> Domain:
        if name == "role":
            return Domain.OR(self._get_role_domain(role) for role in ([value] if operator == "=" else value))
        return super()._get_condition(name, operator, value)

    def _get_role_domain(self, role: str) -> Domain:
        """Return whose highest role this is."""
        higher = _ROLES[: _ROLES.index(role)]
        found = Domain.AND(~self._get_group_domain(each) for each in higher)
        return found if role == "other" else found & self._get_group_domain(role)

    def _get_group_domain(self, role: str) -> Domain:
        return Domain("all_group_ids", "in", [self.env.ref(name).id for name in _GROUPS[role]])

    def _represent(self, records, expand: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        is_admin = self.env.user.has_group("sales_pipeline.group_admin") or self.env.is_admin()
        return [
            {
                "id": user.uuid, "name": user.name, "role": get_role(user),
                "email": user.email or None if is_admin or user.id == self.env.uid else None, "active": user.active,
            }
            for user in records.sudo()
        ]  # fmt: skip

    def _find_user(self, uuid: str, pointer: str):
        """Return the user of the acting company that an id means (sudo).

        :param pointer: where the id stands in the body
        :raise ApiProblem: 422
        """
        user = self.env["res.users"].sudo().search([
            ("uuid", "=", uuid), ("share", "=", False), ("company_ids", "in", self.env.company.ids),
        ], limit=1)  # fmt: skip
        if not user:
            raise invalid(pointer, "unknown", "There is no such user in this company. GET /api/users lists them.")
        return user
