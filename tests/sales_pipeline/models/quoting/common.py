"""A deal, its owner and its quotes, for the tests of quoting."""

from odoo.fields import Command
from odoo.tests import new_test_user

# A quote has a single line over this amount, without tax.
PRICE = 1000.0


class QuotingMixin:
    """Records and shortcuts; put it before a test case class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = new_test_user(cls.env, "quoting_owner", groups="sales_team.group_sale_salesman")
        cls.partner = cls.env["res.partner"].create({"name": "Ada Buyer", "email": "ada@buyer.example"})
        cls.product = cls.env["product.product"].create({
            "name": "Consulting", "type": "service", "list_price": PRICE, "invoice_policy": "order", "taxes_id": False,
        })  # fmt: skip
        cls.deal = cls._create_deal("Consulting for Ada")

    @classmethod
    def _create_deal(cls, name, **values):
        deal = cls.env["crm.lead"].create({
            "name": name, "type": "opportunity", "partner_id": cls.partner.id, "user_id": cls.owner.id, **values,
        })  # fmt: skip
        cls._flush()
        return deal

    @classmethod
    def _create_quote(cls, deal=None, **values):
        deal = cls.deal if deal is None else deal
        quote = cls.env["sale.order"].create({
            "partner_id": cls.partner.id, "opportunity_id": deal.id, "user_id": cls.owner.id,
            "require_signature": True, "require_payment": False,
            "order_line": [Command.create({"product_id": cls.product.id, "product_uom_qty": 1})], **values,
        })  # fmt: skip
        cls._flush()
        return quote

    @classmethod
    def _create_sent_quote(cls, deal=None, **values):
        quote = cls._create_quote(deal, **values)
        quote.action_quotation_sent()
        cls._flush()
        return quote

    @classmethod
    def _offer_demo_payment(cls):
        """Let customers pay with the demo provider, and return it."""
        cls.provider = cls.env.ref("payment.payment_provider_demo")
        cls.provider.write({"state": "test", "is_published": True})
        return cls.provider

    @classmethod
    def _flush(cls):
        """Deliver the moments, as the commit does."""
        cls.env["pipeline.moments.mixin"]._flush_moments()

    @classmethod
    def _statuses_told(cls, deal=None, kinds=("quote", "order", "payment", "invoice")):
        """Return kind and status of each event of a deal's story, in order."""
        story = (cls.deal if deal is None else deal).uuid
        events = cls.env["pipeline.event"].search([("story", "=", story), ("kind", "in", kinds)], order="id")
        return [(event.kind, event.metadata["status"]) for event in events]

    def _reminders(self, deal=None):
        """Return the to-dos of the owner on a deal."""
        deal = self.deal if deal is None else deal
        return deal.activity_ids.filtered(lambda activity: activity.user_id == self.owner)
