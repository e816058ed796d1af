import logging
from email.message import EmailMessage
from typing import Any

from odoo import api, models

from ...tools.mail_headers import is_automatic_reply
from ..locks import key_lock

_logger = logging.getLogger(__name__)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        routes = self._pass_capture_gate(message, message_dict, routes or [])
        return super()._message_route_process(message, message_dict, routes)

    @api.model
    def _pass_capture_gate(
        self, message: EmailMessage, message_dict: dict[str, Any], routes: list[tuple]
    ) -> list[tuple]:
        """Lead mails to our sources to the lead that they make or belong to; all others go on as they are.

        :param routes: model, record id, values, user id, alias, as ``message_route`` finds them
        """
        passed = []
        for route in routes:
            source = self._get_route_source(route)
            if not source:
                passed.append(route)
            elif is_automatic_reply(message):
                _logger.info("Mail %s answers by itself and makes no lead", message_dict.get("message_id"))
            else:
                model_name, _new, *others = route
                passed.append((model_name, self._capture_mail(source, message_dict), *others))
        return passed

    @api.model
    def _get_route_source(self, route: tuple):
        """Return the active source whose address a new mail was written to (door)."""
        model_name, record_id, _values, _user_id, alias = route
        sources = self.env["pipeline.source"].sudo()
        if model_name != "crm.lead" or record_id or not alias:
            return sources
        return sources.search([("alias_id", "=", alias.id), ("provider", "=", "email")], limit=1)

    @api.model
    def _capture_mail(self, source, message_dict: dict[str, Any]) -> int | bool:
        """Return the lead of whoever wrote; nothing where there is no address, so that Odoo makes a lead of its own."""
        leads = self.env["crm.lead"]
        captured = source._read_mail(message_dict)
        key_lock(self.env, *leads._get_capture_keys([captured], source))
        [result] = leads._capture([captured], source)
        return result.lead_id or False
