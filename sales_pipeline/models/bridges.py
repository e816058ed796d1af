"""Addons of Odoo that may be there or not: the one place that knows of them. None of them is needed.

| addon | what we meet of it |
|---|---|
| website, website_crm | its form on crm.lead: the lead it is about to create goes through the duplicate gate |
| base_automation | its rules on leads: where there are any, lists are not written past the ORM |
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from odoo import models
from odoo.api import Environment
from odoo.http import Response, request

ENTRY = "pipeline_entry"
_WEBSITE_FORM = "/website/form/<string:model_name>"


def get_automation_names(env: Environment, model_name: str) -> list[str]:
    """Return the names of the rules that watch records of a model; none where the addon is not there."""
    if "base.automation" not in env:
        return []
    return env["base.automation"].sudo().search([("model_id.model", "=", model_name)]).mapped("name")


class Entry(ABC):
    """What another addon's form is about to do; an object in the context, where no client can put one."""

    _is_taken = False

    @staticmethod
    def take(context: Mapping[str, Any]) -> "Entry | None":
        """Return the entry of a context once: other leads that the same request makes are nobody's entry."""
        entry = context.get(ENTRY)
        if not isinstance(entry, Entry) or entry._is_taken:
            return None
        entry._is_taken = True
        return entry

    @abstractmethod
    def meet(self, model: models.Model, vals_list: list[dict[str, Any]]) -> models.Model:
        """Return the known lead that stands for the new one, or prepare the values of a new one."""

    @abstractmethod
    def finish(self, leads: models.Model) -> None:
        """Tell of the leads that were created."""

    @abstractmethod
    def close(self, lead_id: int | None) -> None:
        """End the form's work.

        :param lead_id: what the form says it made, None where it refused
        """


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _dispatch(cls, endpoint):
        is_form = _WEBSITE_FORM in (endpoint.routing.get("routes") or ())
        if not is_form or request.params.get("model_name") != "crm.lead":
            return super()._dispatch(endpoint)
        # Before the form writes anything: whoever sends the same at the same time waits here.
        entry = request.env["crm.lead"]._get_website_entry(request.params, request.cookies)
        request.update_context(**{ENTRY: entry})
        response = super()._dispatch(endpoint)
        entry.close(_read_lead_id(response))
        return response


def _read_lead_id(response: Response) -> int | None:
    """Return the id that the website's form answers with."""
    try:
        answer = json.loads(response.get_data())
    except ValueError:
        return None
    lead_id = answer.get("id") if isinstance(answer, dict) else None
    return lead_id if isinstance(lead_id, int) else None
