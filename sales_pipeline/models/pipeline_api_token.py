"""Secrets by which clients are known."""

import hashlib
import secrets
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

KINDS = {"static": "spt_", "access": "spa_", "secret": "sps_"}


def hash_token(text: str) -> str:
    """Return what is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(text.encode()).hexdigest()


class PipelineApiToken(models.Model):
    """One secret of a client. Its text is shown once and never kept."""

    _name = "pipeline.api.token"
    _description = "API Token"
    _order = "id desc"
    _rec_name = "hint"

    client_id = fields.Many2one("pipeline.api.client", required=True, readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        [("static", "Token"), ("secret", "OAuth Secret"), ("access", "OAuth Access Token")],
        required=True, readonly=True,
    )  # fmt: skip
    hint = fields.Char("Begins With", required=True, readonly=True)
    token_hash = fields.Char(required=True, readonly=True, copy=False, groups=fields.NO_ACCESS)
    scopes = fields.Char(readonly=True, help="Narrower than those of the client; empty: the client's.")
    expires_at = fields.Datetime("Valid Until", readonly=True, help="Empty: until it is revoked.")
    last_used_at = fields.Datetime("Last Used", readonly=True, help="To the minute.")
    state = fields.Selection(
        [("valid", "Valid"), ("ending", "Ending"), ("ended", "Ended")], compute="_compute_state"
    )
    is_replaced = fields.Boolean("Has a Successor", readonly=True)

    _hash_unique = models.UniqueIndex("(token_hash)")

    @api.depends("expires_at", "is_replaced")
    def _compute_state(self):
        now = fields.Datetime.now()
        for token in self:
            if token.expires_at and token.expires_at <= now:
                token.state = "ended"
            else:
                token.state = "ending" if token.is_replaced else "valid"

    @api.model
    def _make(
        self, client, kind: str, expires_at: datetime | None = None, scopes: str | None = None
    ) -> tuple["PipelineApiToken", str]:
        """Return a new secret of a client and its text, which exists nowhere else.

        :param kind: ``static``, ``secret`` or ``access``
        :param expires_at: naive UTC; None: until it is revoked
        :param scopes: codes with spaces between; None: those of the client
        """
        text = KINDS[kind] + secrets.token_urlsafe(32)
        token = self.sudo().create({
            "client_id": client.id, "kind": kind, "hint": text[:8], "token_hash": hash_token(text),
            "expires_at": expires_at, "scopes": scopes,
        })  # fmt: skip
        return token, text

    def _rotate(
        self, overlap_hours: float = 24, expires_at: datetime | None = None
    ) -> tuple["PipelineApiToken", str]:
        """Return the successor of this secret and its text; this one is let in for some hours more."""
        self.ensure_one()
        made = self._make(self.client_id, self.kind, expires_at, self.scopes)
        self._end(timedelta(hours=overlap_hours), is_replaced=True)
        return made

    def _end(self, wait: timedelta = timedelta(0), is_replaced: bool = False) -> None:
        """Let these secrets in no longer than a while from now."""
        end = fields.Datetime.now() + wait
        for token in self.sudo():
            token.expires_at = min(token.expires_at or end, end)
            token.is_replaced = token.is_replaced or is_replaced

    def action_rotate(self) -> dict:
        """Ask for how long the old secret is let in, and show the new one."""
        self.ensure_one()
        return self.client_id._ask_for_token(self.kind, self)

    def action_revoke(self) -> None:
        """Turn these secrets away from now on; access tokens made with an OAuth secret end with it."""
        self.client_id.check_access("write")
        self._end()
        by_oauth = self.filtered(lambda token: token.kind == "secret").client_id
        self.sudo().search([("client_id", "in", by_oauth.ids), ("kind", "=", "access")])._end()
        for token in self:
            token.client_id.message_post(body=self.env._("The secret %(hint)s… was revoked.", hint=token.hint))

    @api.autovacuum
    def _gc_tokens(self) -> None:
        """Forget access tokens a day after their end: there is one for every hour of every program."""
        self.env.cr.execute(SQL(
            """
            DELETE FROM pipeline_api_token
             WHERE kind = 'access' AND expires_at < now() AT TIME ZONE 'utc' - interval '1 day'
            """
        ))  # fmt: skip
