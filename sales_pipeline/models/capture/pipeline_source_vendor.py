"""What a source and its vendor's API have to say to each other: tokens, waits, troubles, whose page a lead is of."""

from datetime import timedelta
from typing import Any

from odoo import api, fields, models

from ...exceptions import VendorBusy, VendorError

# Troubles of the source as a whole: no lead of it can be fetched until somebody acts, or until the vendor lets us.
SOURCE_TROUBLES = {"token", "token_missing", "permission", "proof_missing", "insecure_address", "address", "request"}
_BUSY_WAIT, _THROTTLED_WAIT, _TROUBLE_WAIT = timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1)


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    can_catch_up = fields.Boolean("Leads Can Be Fetched Later", compute="_compute_can_catch_up")
    vendor_problem = fields.Char(readonly=True, copy=False, help="Code of the trouble that the API has with us.")
    vendor_problem_at = fields.Datetime("In Trouble Since", readonly=True, copy=False)
    vendor_wait_until = fields.Datetime("Asks Again On", readonly=True, copy=False)
    vendor_problem_text = fields.Char("What Is Wrong at the Vendor", compute="_compute_vendor_problem_text")

    @api.depends("provider")
    def _compute_can_catch_up(self):
        for source in self:
            provider_class = source._get_provider_class()
            source.can_catch_up = bool(provider_class and provider_class.can_catch_up)

    @api.depends("vendor_problem")
    @api.depends_context("lang")
    def _compute_vendor_problem_text(self):
        for source in self:
            source.vendor_problem_text = source.vendor_problem and source._describe_vendor_code(source.vendor_problem)

    # ---- pages behind one address

    def _route(self, items: list) -> dict[Any, list]:
        """Return items by the source whose page or form they are of; those of nobody else are of this one.

        An app of Meta has one address for all its pages. Who can sign for this source speaks for another one only if
        that one trusts the same secret.
        """
        self.ensure_one()
        accounts = {item.account for item in items if item.account}
        # Most senders name no account, and each of them waits for the queries made here.
        foreign = accounts - {self.vendor_account} if accounts else accounts
        if not foreign:
            return {self: items}
        domain = [("provider", "=", self.provider), ("vendor_account", "in", list(foreign)), ("id", "!=", self.id)]
        mine = set(self._get_valid_secrets())
        found = {
            source.vendor_account: source
            for source in self.sudo().search(domain, order="id desc")
            if mine & set(source._get_valid_secrets())
        }
        routed: dict[Any, list] = {}
        for item in items:
            routed.setdefault(found.get(item.account, self), []).append(item)
        return routed

    # ---- troubles

    def _note_vendor_error(self, error: VendorError) -> None:
        """Remember what keeps the whole source from being asked, and until when."""
        self.ensure_one()
        now = fields.Datetime.now()
        if error.retry_after:
            wait = timedelta(seconds=error.retry_after)
        elif isinstance(error, VendorBusy):
            wait = _THROTTLED_WAIT if error.code == "throttled" else _BUSY_WAIT
        else:
            wait = _TROUBLE_WAIT
        since = self.vendor_problem_at if self.vendor_problem == error.code else now
        # A page that is not the right one does not keep the answers of another one's leads from being fetched.
        until = False if error.code == "account_unknown" else now + wait
        self.write({"vendor_problem": error.code, "vendor_problem_at": since, "vendor_wait_until": until})

    def _note_vendor_success(self) -> None:
        """Forget a trouble that is over."""
        troubled = self.filtered(lambda source: source.vendor_problem or source.vendor_wait_until)
        troubled.write({"vendor_problem": False, "vendor_problem_at": False, "vendor_wait_until": False})

    @api.model
    def _describe_vendor_code(self, code: str) -> str:
        """Return what an error of a vendor's API means and what can be done about it."""
        words = {
            "token": self.env._(
                "The vendor does not accept the API token any more. Make a new one there and enter it at the source."
            ),
            "token_missing": self.env._(
                "There is no API token yet. Make one at the vendor and enter it at the source."
            ),
            "permission": self.env._(
                "The API token may not read leads. Give it the permission at the vendor, or make a new one."
            ),
            "proof_missing": self.env._(
                "The vendor wants each call proved with the app's secret, and ours is another. Check the secret."
            ),
            "account_unknown": self.env._(
                "The vendor does not know the page or form, or the API token may not read it. Check the account."
            ),
            "fault": self.env._("The answer could not be worked on. The server's log says why."),
            "foreign_account": self.env._(
                "The lead is of another page, for which there is no source. Make one with that page's id and token."
            ),
            "gone": self.env._(
                "The vendor says that this lead does not exist any more, or that the API token may not read it."
            ),
            "throttled": self.env._("The vendor limits how often it may be asked. It is asked again by itself."),
            "timeout": self.env._("The vendor did not answer in time. It is asked again by itself."),
            "unreachable": self.env._("The vendor could not be reached. It is asked again by itself."),
            "broken": self.env._("The vendor reports a failure of its own. It is asked again by itself."),
            "unreadable": self.env._("The vendor's answer could not be understood. It is asked again by itself."),
        }  # fmt: skip
        if code in ("insecure_address", "address", "request", "redirected"):
            return self.env._("The API address or the API token cannot be used. Check both.")
        return words.get(code) or self.env._("The vendor refuses the request (%(code)s).", code=code)
