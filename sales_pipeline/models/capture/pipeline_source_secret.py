"""Secrets of sources are replaced with an overlap, so that no lead is turned away meanwhile."""

import secrets
from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...tools.text import one_line


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    previous_secret = fields.Char(readonly=True, copy=False, groups="base.group_system")
    previous_secret_until = fields.Datetime("Old Secret Valid Until", readonly=True, copy=False)
    verify_token = fields.Char(
        copy=False, groups="base.group_system", default=lambda self: secrets.token_urlsafe(16),
        help="What Facebook shows when it tries the address for the first time.",
    )  # fmt: skip
    is_replacing_secret = fields.Boolean("Secret Being Replaced", compute="_compute_is_replacing_secret")

    @api.depends("previous_secret_until")
    def _compute_is_replacing_secret(self):
        now = fields.Datetime.now()
        for source in self:
            source.is_replacing_secret = bool(source.previous_secret_until and source.previous_secret_until > now)

    def _get_provider_settings(self) -> dict[str, Any]:
        return {**super()._get_provider_settings(), "verify_token": self.sudo().verify_token or ""}

    def _get_valid_secrets(self) -> list[str]:
        """Return the secrets that a sender may use now; the old one too while it is being replaced."""
        self.ensure_one()
        source = self.sudo()
        former = source.previous_secret if source.is_replacing_secret else False
        return [secret for secret in (source.secret, former) if secret]

    def _replace_secret(self, secret: str | None = None, overlap_hours: float = 24) -> None:
        """Replace the secret, and let the old one in for some hours more.

        :param secret: the vendor's own, or none for a random one
        :param overlap_hours: 0 turns the old secret away at once
        :raise AccessError: for whoever may not read secrets, and so could not carry the new one to the sender
        """
        self.ensure_one()
        self._check_may_read_secrets()
        overlaps = bool(overlap_hours > 0 and self.secret)
        self.write({
            "secret": one_line(secret) or secrets.token_urlsafe(24),
            "previous_secret": self.secret if overlaps else False,
            "previous_secret_until": fields.Datetime.now() + timedelta(hours=overlap_hours) if overlaps else False,
        })  # fmt: skip
        self.message_post(body=self._describe_replacement())

    def _describe_replacement(self) -> str:
        if not self.previous_secret_until:
            return self.env._("The secret was replaced. The old one is turned away.")
        local = fields.Datetime.context_timestamp(self, self.previous_secret_until)
        return self.env._(
            "The secret was replaced. The old one is let in until %(moment)s.",
            moment=f"{local:%Y-%m-%d %H:%M} {local.tzname()}",
        )

    def _check_may_read_secrets(self) -> None:
        self.check_access("write")
        if not self.env.su and not self.env.user._is_system():
            raise AccessError(self.env._("Secrets of lead sources are for system administrators."))

    @api.autovacuum
    def _gc_previous_secrets(self) -> None:
        """Forget old secrets whose time is over."""
        over = [("previous_secret", "!=", False), ("previous_secret_until", "<=", fields.Datetime.now())]
        self.sudo().with_context(active_test=False).search(over).write({"previous_secret": False})

    # ---- actions

    def action_rotate_secret(self) -> dict:
        """Ask how the secret is to be replaced."""
        self.ensure_one()
        self._check_may_read_secrets()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Secret"),
            "res_model": "pipeline.new.secret",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_source_id": self.id},
        }

    def action_end_previous_secret(self) -> None:
        """Turn the old secret away from now on."""
        self._check_may_read_secrets()
        self.write({"previous_secret": False, "previous_secret_until": False})
