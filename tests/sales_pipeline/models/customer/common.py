"""What the tests of customers stand on: a team that sells and one that cares."""

from odoo.tests import new_test_user

from tests.common import PipelineCase


class CustomerCase(PipelineCase):
    """Two companies buy from a rep; two success managers care."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.rep = new_test_user(cls.env, "cust_rep", "sales_pipeline.group_rep", email="rep@example.com")
        cls.env.ref("sales_pipeline.group_customer_success").user_ids = [(5,)]
        cls.sam = cls._make_manager("cust_sam")
        cls.tia = cls._make_manager("cust_tia")
        cls.acme = cls.make_firm("Acme Works", email="office@acme.example")
        cls.ann = cls.env["res.partner"].create({
            "name": "Ann Archer", "parent_id": cls.acme.id, "email": "ann@acme.example",
        })  # fmt: skip
        cls.stage_won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)

    @classmethod
    def _make_manager(cls, login):
        return new_test_user(cls.env, login, "sales_pipeline.group_customer_success", email=f"{login}@example.com")

    @classmethod
    def make_firm(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    @classmethod
    def make_deal(cls, **values):
        return cls.env["crm.lead"].create({
            "name": "Machine tools", "type": "opportunity", "user_id": cls.rep.id, "partner_id": cls.ann.id,
            "expected_revenue": 1000, **values,
        })  # fmt: skip

    def win(self, deal):
        deal.action_set_won()
        self.flush_moments()
        return deal.pipeline_customer_id

    def flush_moments(self):
        self.env["pipeline.moments.mixin"]._flush_moments()

    def make_customer(self, **values):
        return self.win(self.make_deal(**values))

    def attach_to(self, record):
        return self.env["ir.attachment"].create({
            "name": f"{record._name}.txt", "raw": b"x", "res_model": record._name, "res_id": record.id,
        })  # fmt: skip

    def get_events(self, record, kind):
        return self.env["pipeline.event"].search([
            ("res_model", "=", record._name), ("res_id", "=", record.id), ("kind", "=", kind),
        ], order="id")  # fmt: skip

    def get_welcome_rows(self, customer):
        return self.env["pipeline.outbox"].search([
            ("kind", "=", "welcome_mail"), ("res_model", "=", customer._name), ("res_id", "=", customer.id),
        ])  # fmt: skip
