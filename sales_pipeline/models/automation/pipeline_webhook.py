"""Programs of others that are told what happens here."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ...tools.addresses import check_url, read_networks
from ...tools.webhook_signature import make_secret
from ...tools.webhook_types import TYPES, find_unknown

_logger = logging.getLogger(__name__)

FILTERS = ("owner_id", "source", "status", "deal_stage", "team", "lifecycle_stage")
_NETWORKS = "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 ::1/128 fc00::/7"
_OF_LISTENERS = {"events", "filters", "state", "active", "company_id"}


class PipelineWebhook(models.Model):
    _name = "pipeline.webhook"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Webhook"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    uuid = fields.Char("Public Id", readonly=True, copy=False, default=lambda self: str(uuid4()))
    url = fields.Char("Address", required=True, tracking=True, help="Where the messages go: https://…")
    description = fields.Char()
    events = fields.Char(
        "Events", required=True, default="*",
        help="Types separated by commas: lead.created, or lead.* for all of leads, or * for everything.",
    )  # fmt: skip
    filters = fields.Json(help="Only what has these values, for instance {'source': ['website']}.")
    payload = fields.Selection(
        [("thin", "What happened, and the id"), ("full", "What happened, and the record")], default="thin",
        required=True, string="Content",
    )  # fmt: skip
    user_id = fields.Many2one(
        "res.users", "With the Rights of", required=True, default=lambda self: self.env.user, ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Nothing is told that this user may not read.",
    )  # fmt: skip
    client_key = fields.Char(readonly=True, copy=False, help="The client of the API that made it.")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    state = fields.Selection(
        [("active", "Active"), ("paused", "Paused"), ("disabled", "Turned Off")], default="active", required=True,
        readonly=True, copy=False, tracking=True,
    )  # fmt: skip
    failing_since = fields.Datetime(readonly=True, copy=False)
    blocked_until = fields.Datetime(readonly=True, copy=False, help="It hung or hung up, and is left alone so long.")
    secret = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: make_secret(), groups=fields.NO_ACCESS
    )
    previous_secret = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    previous_until = fields.Datetime("Old Secret Ends On", readonly=True, copy=False, groups="base.group_system")
    is_private_allowed = fields.Boolean(
        "May Be in a Private Network", copy=False, groups="base.group_system",
        help="Messages may go to machines of your own network, and without encryption. Turn it on only for a machine "
        "that you know.",
    )  # fmt: skip
    delivery_count = fields.Integer("Messages", compute="_compute_delivery_count")
    waiting_count = fields.Integer("Waiting", compute="_compute_delivery_count")

    _uuid_unique = models.UniqueIndex("(uuid)")

    # ---- compute and rules

    def _compute_delivery_count(self):
        counts = self.env["pipeline.webhook.delivery"]._read_group(
            [("webhook_id", "in", self.ids)], ["webhook_id", "state"], ["__count"]
        )
        for webhook in self:
            own = {state: count for owner, state, count in counts if owner == webhook}
            webhook.delivery_count = sum(own.values())
            webhook.waiting_count = sum(own.get(state, 0) for state in ("waiting", "sending", "held"))

    @api.constrains("events")
    def _check_events(self):
        for webhook in self:
            if unknown := find_unknown(webhook._get_patterns()):
                raise ValidationError(self.env._(
                    "There is no type %(type)s. The types are: %(types)s", type=unknown[0], types=", ".join(TYPES)
                ))  # fmt: skip
            if not webhook._get_patterns():
                raise ValidationError(self.env._("Say of what this webhook is told, or * for everything."))

    @api.constrains("filters")
    def _check_filters(self):
        for webhook in self:
            filters = webhook.filters or {}
            if not isinstance(filters, dict) or not all(
                name in FILTERS and isinstance(wanted, list) and all(isinstance(one, str) for one in wanted)
                for name, wanted in filters.items()
            ):
                raise ValidationError(self.env._(
                    "Filters are lists of texts by name, for instance {'source': ['website']}. The names are: "
                    "%(names)s", names=", ".join(FILTERS),
                ))  # fmt: skip

    @api.constrains("url", "is_private_allowed")
    def _check_url(self):
        for webhook in self.sudo():
            if problem := check_url(webhook.url, webhook.is_private_allowed):
                raise ValidationError(webhook._describe_problem(problem))

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for webhook in self:
            user = webhook.user_id.sudo()
            if user.share or webhook.company_id not in user.company_ids:
                raise ValidationError(self.env._("Choose a user of %(company)s.", company=webhook.company_id.name))

    # ---- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        webhooks = super().create(vals_list)
        webhooks._check_acting_user()
        self.env.registry.clear_cache()
        return webhooks

    def write(self, vals):
        done = super().write(vals)
        if "url" in vals and not self.env.is_system():
            # What was allowed was allowed to the old address.
            self.sudo().filtered("is_private_allowed").is_private_allowed = False
        if "user_id" in vals:
            self._check_acting_user()
        if _OF_LISTENERS & vals.keys():
            self.env.registry.clear_cache()
        return done

    def unlink(self):
        done = super().unlink()
        self.env.registry.clear_cache()
        return done

    def _check_acting_user(self) -> None:
        """Refuse webhooks that would tell somebody more than they may see themselves."""
        if self.env.su or self.env.user.has_group("sales_pipeline.group_admin"):
            return
        if any(webhook.user_id != self.env.user for webhook in self):
            raise UserError(self.env._("Only administrators choose somebody else here: take yourself."))

    # ---- actions

    def action_view_deliveries(self) -> dict[str, Any]:
        """Open the messages of this webhook."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_pipeline.pipeline_webhook_delivery_action")
        return action | {"domain": [("webhook_id", "in", self.ids)], "context": {}}

    def action_resume(self) -> None:
        """Send again, beginning with what was held back."""
        self.check_access("write")
        self._resume()

    def action_pause(self) -> None:
        """Hold back what happens from now on."""
        self.check_access("write")
        self._pause()

    def action_send_test(self) -> None:
        """Send a message that means nothing, to see whether it arrives."""
        self.check_access("write")
        self._send_test()

    def action_rotate_secret(self) -> dict[str, Any]:
        """Ask how to replace the secret; the dialog shows the new one, once."""
        self.check_access("write")
        return self._ask_for_secret()

    def _ask_for_secret(self) -> dict[str, Any]:
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "pipeline.webhook.secret", "views": [[False, "form"]],
            "target": "new", "name": self.env._("New Secret"), "context": {"default_webhook_id": self.id},
        }  # fmt: skip

    # ---- use cases

    def _rotate_secret(self, overlap_hours: int = 24) -> str:
        """Replace the secret, and return the new one."""
        self.ensure_one()
        known, fresh = self.sudo(), make_secret()
        known.write({
            "secret": fresh, "previous_secret": known.secret if overlap_hours else False,
            "previous_until": self._get_now() + timedelta(hours=overlap_hours),
        })  # fmt: skip
        return fresh

    def _send_test(self):
        """Put a test message into the lane, and return it."""
        self.ensure_one()
        return self.env["pipeline.webhook.delivery"].sudo()._add_test(self)

    def _resume(self) -> None:
        """Bring paused or disabled webhooks back; what was held is sent in its order."""
        self.sudo().write({"state": "active", "failing_since": False, "blocked_until": False})
        self.env["pipeline.webhook.delivery"]._move(self, ("held",), "waiting")

    def _pause(self) -> None:
        """Stop sending and hold what waits."""
        self.sudo().write({"state": "paused"})
        self.env["pipeline.webhook.delivery"]._move(self, ("waiting",), "held")

    def _disable(self) -> None:
        """Stop for good: nothing that waits is sent."""
        self.sudo().write({"state": "disabled"})
        self.env["pipeline.webhook.delivery"]._move(self, ("waiting", "held"), "cancelled")

    # ---- what the job asks and tells

    @api.model
    def _get_now(self) -> datetime:
        """Return the present moment in UTC, naive; the one clock of webhooks."""
        # Not fields.Datetime.now(), which cuts the second and so lets messages wait for its end.
        return datetime.utcnow()

    def _get_secrets(self) -> list[str]:
        """Return the secrets to sign with, the newest first."""
        known = self.sudo()
        has_old = known.previous_secret and known.previous_until and known.previous_until > self._get_now()
        return [known.secret, known.previous_secret] if has_old else [known.secret]

    def _get_networks(self) -> list[str] | None:
        """Return the private networks that an administrator opened to this webhook."""
        if not self.sudo().is_private_allowed:
            return None
        text = self.env["ir.config_parameter"].sudo().get_param("sales_pipeline.webhook_networks") or _NETWORKS
        try:
            return read_networks(text)
        except ValueError:
            _logger.error("The setting sales_pipeline.webhook_networks holds something that is no network")
            return []

    def _get_patterns(self) -> list[str]:
        return [part.strip() for part in (self.events or "").split(",") if part.strip()]

    @api.model
    @tools.ormcache()
    def _get_listeners(self) -> tuple:
        """Return who listens: id, company, whether paused, patterns, and filters as pairs."""
        return tuple(
            (
                webhook.id, webhook.company_id.id, webhook.state == "paused", tuple(webhook._get_patterns()),
                tuple((name, frozenset(wanted)) for name, wanted in (webhook.filters or {}).items() if wanted),
            )
            for webhook in self.sudo().search([("state", "in", ("active", "paused"))])
        )  # fmt: skip
