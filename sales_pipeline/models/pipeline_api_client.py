"""Programs that use the API."""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import api, fields, models, sql_db, tools
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ..tools.origins import to_origin
from .pipeline_api_token import hash_token

_ACCESS_LIFETIME = timedelta(hours=1)
# Where pages of other websites may send from is asked before every such request.
_ORIGIN_FIELDS = {"origins", "active", "expires_at"}


@dataclass(frozen=True)
class ClientGrant:
    """What a secret proves; ``networks`` and ``origins`` as they were typed, one a line."""

    token_id: int
    client_id: int
    user_id: int
    company_id: int
    scopes: frozenset[str]
    networks: tuple[str, ...]
    origins: tuple[str, ...]
    quota: int
    seconds: int

    def is_in_network(self, address: str | None) -> bool:
        """Tell whether the client may ask from an address."""
        if not self.networks:
            return True
        try:
            given = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        given = getattr(given, "ipv4_mapped", None) or given
        return any(given in ipaddress.ip_network(network, strict=False) for network in self.networks)


class PipelineApiClient(models.Model):
    """A program that uses the API: it acts as a user, inside what it was allowed."""

    _name = "pipeline.api.client"
    _description = "API Client"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    user_id = fields.Many2one(
        "res.users", "Acts As", required=True, tracking=True, index=True, ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="The program sees and changes what this user may see and change, and nothing else.",
    )  # fmt: skip
    company_id = fields.Many2one("res.company", required=True, tracking=True, default=lambda self: self.env.company)
    scope_ids = fields.Many2many("pipeline.api.scope", string="Permissions")
    scopes = fields.Char(compute="_compute_scopes", inverse="_inverse_scopes", store=True, tracking=True)
    plan_id = fields.Many2one(
        "pipeline.api.plan", required=True, tracking=True, ondelete="restrict",
        default=lambda self: self.env["pipeline.api.plan"]._get_default(),
    )  # fmt: skip
    networks = fields.Text(
        "Allowed Networks", tracking=True, help="One a line, for instance 203.0.113.0/24. Empty: from everywhere."
    )
    origins = fields.Text(
        "Allowed Websites", tracking=True,
        help="Websites whose pages may send requests, one a line, for instance https://www.example.com.",
    )  # fmt: skip
    expires_at = fields.Datetime("Valid Until", tracking=True, help="Empty: until it is archived.")
    client_key = fields.Char(
        "OAuth Client ID", required=True, readonly=True, copy=False,
        default=lambda self: f"spc_{secrets.token_urlsafe(12)}",
    )  # fmt: skip
    token_ids = fields.One2many(
        "pipeline.api.token", "client_id", "Tokens and Secrets", domain=[("kind", "!=", "access")]
    )
    last_used_at = fields.Datetime("Last Used", compute="_compute_last_used_at")

    _client_key_unique = models.UniqueIndex("(client_key)")

    # ---- compute

    @api.depends("scope_ids.code")
    def _compute_scopes(self):
        for client in self:
            client.scopes = " ".join(sorted(code for code in client.scope_ids.mapped("code") if code))

    def _inverse_scopes(self):
        known = {scope.code: scope for scope in self.env["pipeline.api.scope"].search([])}
        for client in self:
            codes = (client.scopes or "").split()
            if unknown := [code for code in codes if code not in known]:
                raise ValidationError(self.env._("There is no permission called %(code)s.", code=unknown[0]))
            client.scope_ids = self.env["pipeline.api.scope"].union(*(known[code] for code in codes))

    def _compute_last_used_at(self):
        used = dict(self.env["pipeline.api.token"].sudo()._read_group(
            [("client_id", "in", self.ids)], ["client_id"], ["last_used_at:max"]
        ))  # fmt: skip
        for client in self:
            client.last_used_at = used.get(client)

    # ---- what must hold

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for client in self:
            user = client.user_id.sudo()
            if user.share or client.company_id not in user.company_ids:
                raise ValidationError(self.env._(
                    "%(user)s is no member of %(company)s: choose somebody who works there.",
                    user=user.name, company=client.company_id.name,
                ))  # fmt: skip

    @api.constrains("networks")
    def _check_networks(self):
        for client in self:
            for network in (client.networks or "").split():
                try:
                    ipaddress.ip_network(network, strict=False)
                except ValueError as error:
                    raise ValidationError(self.env._(
                        "%(network)s is no network. Write one a line, for instance 203.0.113.0/24.", network=network
                    )) from error  # fmt: skip

    @api.constrains("origins")
    def _check_origins(self):
        for client in self:
            if wrong := [origin for origin in (client.origins or "").split() if not to_origin(origin)]:
                raise ValidationError(self.env._(
                    "%(origin)s is no website. Write one a line, for instance https://www.example.com.", origin=wrong[0]
                ))  # fmt: skip

    @api.model_create_multi
    def create(self, vals_list):
        clients = super().create(vals_list)
        clients._check_strength()
        self.env.registry.clear_cache()
        return clients

    def write(self, vals):
        if vals != {"active": False}:
            self._check_strength()
        result = super().write(vals)
        if "user_id" in vals:
            self._check_strength()
        if _ORIGIN_FIELDS & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # ---- secrets

    def _check_strength(self) -> None:
        """Keep who may not change Odoo's settings from doing so through a program.

        :raise AccessError: a client acts as somebody who may, and the user at hand may not
        """
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        for user in self.sudo().user_id:
            if user.has_group("base.group_system"):
                raise AccessError(self.env._(
                    "%(user)s may change the settings of Odoo: only somebody who may do so too can let a program "
                    "act as %(user)s.", user=user.name,
                ))  # fmt: skip

    def _issue_token(
        self, kind: str = "static", expires_at: datetime | None = None, scopes: str | None = None
    ) -> tuple[models.BaseModel, str]:
        """Return a new secret and its text, which is shown once.

        :param kind: ``static``, ``secret`` (for OAuth) or ``access``
        """
        self.ensure_one()
        if kind == "access":
            expires_at = fields.Datetime.now() + _ACCESS_LIFETIME
        return self.env["pipeline.api.token"]._make(self, kind, expires_at, scopes)

    def action_new_token(self) -> dict:
        """Ask how long a new token is valid, and show it."""
        return self._ask_for_token("static")

    def action_new_secret(self) -> dict:
        """Ask how long a new OAuth secret is valid, and show it."""
        return self._ask_for_token("secret")

    def _ask_for_token(self, kind: str, replaced: models.BaseModel | None = None) -> dict:
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Token") if kind == "static" else self.env._("New OAuth Secret"),
            "res_model": "pipeline.api.token.show",
            "views": [[False, "form"]],
            "target": "new",
            "context": {
                "default_client_id": self.id, "default_kind": kind,
                "default_token_id": replaced.id if replaced else False,
            },
        }  # fmt: skip

    # ---- who asks

    @api.model
    def _find_grant(self, text: str, cr: sql_db.BaseCursor | None = None) -> ClientGrant | None:
        """Return what a bearer token proves now; None: nothing.

        :param cr: another cursor than that of the environment, for instance on the primary
        """
        return self._read_grant(SQL("t.token_hash = %s AND t.kind IN ('static', 'access')", hash_token(text)), cr)

    @api.model
    def _find_oauth_grant(self, client_key: str, secret: str) -> ClientGrant | None:
        """Return what a client id with its OAuth secret proves now; None: nothing."""
        return self._read_grant(SQL(
            "t.token_hash = %s AND t.kind = 'secret' AND c.client_key = %s", hash_token(secret), client_key
        ))  # fmt: skip

    @api.model
    def _read_grant(self, proof: SQL, cr: sql_db.BaseCursor | None = None) -> ClientGrant | None:
        cr = cr or self.env.cr
        cr.execute(SQL(
            """
            SELECT t.id, c.id, c.user_id, c.company_id, COALESCE(t.scopes, c.scopes), c.scopes, c.networks, c.origins,
                   p.quota, p.seconds
              FROM pipeline_api_token t
              JOIN pipeline_api_client c ON c.id = t.client_id
              JOIN res_users u ON u.id = c.user_id
              JOIN pipeline_api_plan p ON p.id = c.plan_id
             WHERE %s
               AND COALESCE(t.expires_at, 'infinity') > clock_timestamp() AT TIME ZONE 'utc'
               AND COALESCE(c.expires_at, 'infinity') > clock_timestamp() AT TIME ZONE 'utc'
               AND c.active AND u.active AND u.share IS NOT TRUE
               AND EXISTS (SELECT FROM res_company_users_rel r WHERE r.user_id = u.id AND r.cid = c.company_id)
            """,
            proof,
        ))  # fmt: skip
        found = cr.fetchone()
        if not found:
            return None
        token_id, client_id, user_id, company_id, asked, held, networks, origins, quota, seconds = found
        # What is taken from the client is taken from the tokens it has already.
        scopes = frozenset((asked or "").split()) & frozenset((held or "").split())
        return ClientGrant(
            token_id, client_id, user_id, company_id, scopes, tuple((networks or "").split()),
            tuple((origins or "").split()), quota, seconds,
        )  # fmt: skip

    @api.model
    @tools.ormcache()
    def _get_all_origins(self) -> tuple[str, ...]:
        """Return the websites of all clients that are let in."""
        clients = self.sudo().search([("origins", "!=", False)])
        return tuple(sorted({origin for client in clients for origin in client.origins.split()}))
