"""What the ad platforms may hear of a lead: by which click it came, whether the person agrees, what it was worth."""

from typing import Any

from odoo import fields, models

from ... import const
from ...providers.conversion.base import Conversion


class CrmLead(models.Model):
    _inherit = "crm.lead"

    ad_consent = fields.Selection(
        const.AD_CONSENTS, "Reporting to Ad Platforms", copy=False, tracking=True,
        help="Whether the person agrees that an ad platform hears what became of the click. Empty: what was said when "
        "the lead came in.",
    )
    conversion_ids = fields.One2many(
        "pipeline.conversion", "lead_id", "Reported Conversions", groups="sales_pipeline.group_admin"
    )

    # ---- moments (doors)

    def _on_status_changed(self, old_statuses) -> None:
        super()._on_status_changed(old_statuses)
        qualified = self.filtered(lambda lead: lead.lead_status == "qualified")
        self.env["pipeline.conversion"]._report(qualified, "qualified")

    def _on_converted(self) -> None:
        super()._on_converted()
        # A lead that became a deal was worth it, whether or not somebody had marked it as qualified.
        self.env["pipeline.conversion"]._report(self, "qualified")

    def _on_won(self) -> None:
        super()._on_won()
        self.env["pipeline.conversion"]._report(self, "won")

    # ---- what a platform hears

    def _prepare_conversion(self, provider, **values: Any) -> Conversion:
        """Return a conversion of this lead as a provider wants it (door).

        :param provider: its click names choose the click: the latest touch that has one of them
        """
        self.ensure_one()
        touches = self.touch_ids.sorted(lambda touch: (touch.occurred_at, touch.id), reverse=True)
        names = provider.click_names
        clicked = touches.filtered(lambda touch: any((touch.click_ids or {}).get(name) for name in names))[:1]
        forms = touches.filtered(lambda touch: touch.capture_channel == "facebook" and touch.external_id)
        return Conversion(**{
            "key": "", "stage": "", "occurred_at": fields.Datetime.now(),
            "click_ids": clicked.click_ids or self.click_ids or {},
            "clicked_at": clicked.occurred_at or self.captured_at,
            "vendor_lead_id": forms[:1].external_id or None, "email": self.email_normalized or None,
            "phone": self.phone_sanitized or None, "has_consent": self._get_ad_consent(), **values,
        })  # fmt: skip

    def _get_ad_consent(self) -> bool | None:
        """Return whether the person agrees to be reported; None when nobody knows (door).

        Whoever is on a list of those who want no mails or calls has refused. Then the word on the lead counts, then the
        latest answer that a form brought.
        """
        self.ensure_one()
        if self.is_blacklisted or self.phone_sanitized_blacklisted or self.ad_consent == "refused":
            return False
        if self.ad_consent == "given":
            return True
        for touch in self.touch_ids.sorted(lambda touch: (touch.occurred_at, touch.id), reverse=True):
            answers = [answer for answer in (touch.consent or {}).values() if isinstance(answer, bool)]
            if answers:
                return all(answers)
        return None

    def _get_ad_company(self):
        """Return the company whose ad accounts a lead belongs to."""
        self.ensure_one()
        return self.company_id or self.team_id.company_id or self.user_id.company_id or self.env.company

    def _get_won_revenue(self) -> float:
        """Return what was ordered, in the company's currency and without tax, or else what was expected."""
        self.ensure_one()
        orders = self.order_ids.filtered(lambda order: order.state == "sale")
        ordered = sum(order.amount_untaxed / (order.currency_rate or 1) for order in orders)
        return ordered if orders else self.expected_revenue
