"""Attribution: whichever way is counted, what is given away is what there is."""

import random
from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError

from tests.common import PipelineCase
from tests.sales_pipeline.security.common import RolesCase

MODELS = ("first", "last", "linear")
START = datetime(2026, 3, 1, 9)


class AttributionCase(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = cls.env["pipeline.attribution"]
        cls.leads = cls.env["crm.lead"].with_context(active_test=False)
        # What the template database holds is not asked about.
        euro = cls.env.ref("base.EUR").id
        cls.company = cls.env["res.company"].create({"name": "Attribution Ltd", "currency_id": euro})
        cls.env.user.company_ids = [Command.link(cls.company.id)]
        cls.team = cls.env["crm.team"].create({"name": "Attribution", "company_id": cls.company.id})

    def lead(self, *touches, **values):
        """Make a lead and its touches, one a day in the order given."""
        lead = self.env["crm.lead"].create({
            "name": "Lead", "type": "lead", "company_id": self.company.id, "team_id": self.team.id, "user_id": False,
            **values,
        })  # fmt: skip
        self.touch(lead, *touches)
        return lead

    def touch(self, lead, *touches):
        self.env["pipeline.touch"].create([
            {"lead_id": lead.id, "capture_channel": "website", "occurred_at": START + timedelta(days=number), **touch}
            for number, touch in enumerate(touches)
        ])  # fmt: skip

    def win(self, lead, revenue):
        lead.write({"type": "opportunity", "expected_revenue": revenue})
        lead.action_set_won()

    def shares(self, model, *fields, group="source"):
        """Return the sums of the company by source: leads, won, revenue."""
        names = [f"{name}:sum" for name in (fields or ("lead_share", "won_share", "revenue"))]
        domain = [("company_id", "=", self.company.id), ("attribution_model", "=", model)]
        return {key: tuple(sums) for key, *sums in self.rows._read_group(domain, [group], names)}


class TestTheThreeModels(AttributionCase):
    def setUp(self):
        super().setUp()
        self.known = self.lead({"utm_source": "google"}, {"utm_source": "newsletter"}, {"utm_source": "Google"})

    def test_the_first_touch_gets_all_or_the_last_or_each_the_same(self):
        self.touch(self.known, {"utm_source": "partner", "occurred_at": START + timedelta(days=9)})
        self.assertEqual(self.shares("first", "lead_share"), {"google": (1,)})
        self.assertEqual(self.shares("last", "lead_share"), {"partner": (1,)})
        self.assertEqual(
            self.shares("linear", "lead_share"), {"google": (0.5,), "newsletter": (0.25,), "partner": (0.25,)}
        )

    def test_thirds_of_a_lead_add_up_to_exactly_one(self):
        self.win(self.known, 100)
        rows = self.rows.search([("lead_id", "=", self.known.id), ("attribution_model", "=", "linear")])
        self.assertEqual(sorted(rows.mapped("lead_share")), [0.333333, 0.333333, 0.333334])
        self.assertEqual(self.shares("linear", group="company_id"), {self.company: (1, 1, 100)})

    def test_revenue_is_what_was_ordered_and_without_an_order_what_was_expected(self):
        self.win(self.known, 500)
        self.assertEqual(self.shares("last"), {"google": (1, 1, 500)})
        product = self.env["product.product"].create({"name": "Thing", "list_price": 100, "taxes_id": False})
        order = self.env["sale.order"].create({
            "partner_id": self.env["res.partner"].create({"name": "Buyer"}).id, "company_id": self.company.id,
            "opportunity_id": self.known.id,
            "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 3, "price_unit": 100})],
        })  # fmt: skip
        self.assertEqual(self.shares("last"), {"google": (1, 1, 500)}, "a draft is no order")
        order.action_confirm()
        self.assertEqual(self.shares("last"), {"google": (1, 1, 300)})

    def test_an_order_in_another_currency_counts_in_that_of_the_company(self):
        self.win(self.known, 1)
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create({
            "currency_id": dollar.id, "company_id": self.company.id, "name": "2020-01-01", "company_rate": 2,
        })  # fmt: skip
        pricelist = self.env["product.pricelist"].create({
            "name": "Dollars", "currency_id": dollar.id, "company_id": self.company.id,
        })  # fmt: skip
        product = self.env["product.product"].create({"name": "Thing", "taxes_id": False})
        self.env["sale.order"].create({
            "partner_id": self.env["res.partner"].create({"name": "Buyer"}).id, "company_id": self.company.id,
            "opportunity_id": self.known.id, "pricelist_id": pricelist.id,
            "order_line": [Command.create({"product_id": product.id, "price_unit": 100})],
        }).action_confirm()  # fmt: skip
        self.assertEqual(self.shares("first"), {"google": (1, 1, 50)})

    def test_without_a_choice_the_last_touch_is_counted_and_nothing_twice(self):
        domain = [("company_id", "=", self.company.id)]
        self.assertEqual(self.rows._read_group(domain, [], ["lead_share:sum"]), [(1,)])
        self.assertEqual(self.rows.search(domain).mapped("attribution_model"), ["last"])
        everything = [*domain, ("attribution_model", "in", MODELS)]
        self.assertEqual(self.rows._read_group(everything, [], ["lead_share:sum"]), [(3,)])

    def test_a_row_is_read_by_its_id(self):
        domain = [("lead_id", "=", self.known.id), ("attribution_model", "in", MODELS)]
        rows = self.rows.search(domain)
        self.assertEqual(len(set(rows.ids)), 5)
        self.env.invalidate_all()
        self.assertEqual(self.rows.browse(rows.ids).mapped("lead_id"), self.known)

    def test_a_row_opens_its_lead_and_many_rows_the_list_of_their_leads(self):
        other = self.lead({"utm_source": "google"})
        rows = self.rows.search([("company_id", "=", self.company.id)])
        self.assertEqual(rows.filtered(lambda row: row.lead_id == other).action_open_lead()["res_id"], other.id)
        action = rows.action_open_leads()
        found = self.leads.with_context(action["context"]).search(action["domain"])
        self.assertEqual(found, other + self.known)


class TestWhereALeadCameFrom(AttributionCase):
    def test_a_click_tells_its_platform_where_no_word_does(self):
        for click, source, medium in (
            ("gclid", "google", "cpc"), ("wbraid", "google", "cpc"), ("fbclid", "facebook", False),
            ("msclkid", "bing", "cpc"), ("ttclid", "tiktok", False),
        ):  # fmt: skip
            with self.subTest(click):
                lead = self.lead({"click_ids": {click: "X"}})
                row = self.rows.search([("lead_id", "=", lead.id)])
                self.assertRecordValues(row, [{"source": source, "medium": medium, "is_attributed": True}])

    def test_a_lead_form_tells_its_platform(self):
        lead = self.lead({"capture_channel": "google_ads"})
        self.assertEqual(self.rows.search([("lead_id", "=", lead.id)]).source, "google")

    def test_the_words_win_over_the_click(self):
        self.lead({"utm_source": "Brand", "utm_medium": "Display", "click_ids": {"gclid": "X"}})
        self.assertEqual(self.shares("last", "lead_share"), {"brand": (1,)})
        self.assertEqual(self.shares("last", "lead_share", group="medium"), {"display": (1,)})

    def test_a_touch_that_says_nothing_is_direct_and_a_lead_without_any_is_unattributed(self):
        self.lead({})
        alone = self.lead()
        self.assertEqual(
            self.shares("linear", "lead_share"), {"(direct or unknown)": (1,), "(unattributed)": (1,)}
        )
        domain = [("company_id", "=", self.company.id), ("is_attributed", "=", False)]
        self.assertEqual(self.rows.search(domain).lead_id, alone)

    def test_a_lead_from_before_has_the_source_that_odoo_knows(self):
        source, campaign = (self.env[f"utm.{name}"].create({"name": "Fair Berlin"}) for name in ("source", "campaign"))
        old = self.lead(source_id=source.id, campaign_id=campaign.id)
        row = self.rows.search([("lead_id", "=", old.id)])
        self.assertRecordValues(row, [{"source": "fair berlin", "campaign": "Fair Berlin", "is_attributed": True}])
        self.touch(old, {"utm_source": "google"})
        self.env.invalidate_all()
        self.assertEqual(self.rows.search([("lead_id", "=", old.id)]).source, "google")


class TestLeadsThatEnd(AttributionCase):
    def test_a_deleted_lead_counts_nowhere_and_a_restored_one_again(self):
        lead = self.lead({"utm_source": "google"})
        lead.unlink()
        self.assertEqual(self.shares("last"), {})
        lead.action_restore_deleted()
        self.assertEqual(self.shares("last", "lead_share"), {"google": (1,)})

    def test_a_lost_lead_is_still_a_lead(self):
        lead = self.lead({"utm_source": "google"})
        lead.action_set_lost()
        self.assertFalse(lead.active)
        self.assertEqual(self.shares("first"), {"google": (1, 0, 0)})

    def test_a_merged_lead_keeps_the_touches_of_both(self):
        first = self.lead({"utm_source": "google"}, type="opportunity")
        second = self.lead({"utm_source": "newsletter", "occurred_at": START + timedelta(days=3)}, type="opportunity")
        merged = (first + second).merge_opportunity()
        self.assertEqual(merged.touch_count, 2)
        self.assertEqual(self.shares("first", "lead_share"), {"google": (1,)})
        self.assertEqual(self.shares("last", "lead_share"), {"newsletter": (1,)})
        self.assertEqual(self.shares("linear", "lead_share"), {"google": (0.5,), "newsletter": (0.5,)})


class TestTheTotalsAgree(AttributionCase):
    """Whatever happened to the leads, each model gives away every lead once, and its revenue."""

    def invent(self, dice):
        """Make leads with any number of touches and let anything happen to them."""
        leads = []
        for _lead in range(40):
            touches = [
                {
                    "utm_source": dice.choice([False, "google", "Google", "bing", "fair"]),
                    "utm_campaign": dice.choice([False, "spring", "autumn"]),
                    "click_ids": dice.choice([False, {"gclid": "X"}, {"fbclid": "Y"}]),
                    # many in the same second, in no order
                    "occurred_at": START + timedelta(seconds=dice.randrange(3)),
                }
                for _touch in range(dice.choice([0, 0, 1, 1, 2, 3, 7]))
            ]
            leads.append(self.lead(*touches, expected_revenue=dice.randrange(1, 99999) / 100))
        for lead in leads:
            fate = dice.choice(["open", "open", "won", "lost", "deleted", "won and deleted"])
            if "won" in fate:
                self.win(lead, lead.expected_revenue)
            if fate == "lost":
                lead.action_set_lost()
            if "deleted" in fate:
                lead.unlink()
        open_deals = [lead for lead in leads if not lead.deleted_at and lead.won_status == "pending"]
        self.leads.concat(*open_deals[:3]).merge_opportunity()

    def test_the_three_models_agree_with_plain_counts(self):
        for seed in (1, 2, 3):
            with self.subTest(seed=seed):
                self.invent(random.Random(seed))
                leads = self.leads.search([("company_id", "=", self.company.id)])
                won = leads.filtered(lambda lead: lead.won_status == "won")
                self.assertTrue(won)
                counts = (len(leads), len(won), sum(round(lead.expected_revenue * 100) for lead in won))
                for model in MODELS:
                    rows = self.shares(model)
                    totals = [sum(row[place] for row in rows.values()) for place in range(3)]
                    given = (round(totals[0], 6), round(totals[1], 6), round(totals[2] * 100, 4))
                    self.assertEqual(given, counts, model)

    def test_the_shares_of_each_lead_are_exactly_one(self):
        self.invent(random.Random(4))
        self.env.flush_all()
        domain = [("company_id", "=", self.company.id)]
        for model in MODELS:
            sums = self.rows._read_group(
                [*domain, ("attribution_model", "=", model)], ["lead_id"], ["lead_share:sum", "revenue:sum"]
            )
            self.assertEqual({share for _lead, share, _revenue in sums}, {1.0})
            for lead, _share, revenue in sums:
                self.assertEqual(revenue, lead.expected_revenue if lead.won_status == "won" else 0)


class TestWhoSeesWhat(RolesCase):
    def setUp(self):
        super().setUp()
        self.env["pipeline.touch"].create([
            {"lead_id": lead.id, "capture_channel": "website", "utm_source": name} for name, lead in self.leads.items()
        ])  # fmt: skip
        self.env.flush_all()

    def seen(self, role):
        rows = self.as_role(role, self.env["pipeline.attribution"])
        return self.names(rows.search([("attribution_model", "in", MODELS)]).lead_id.sudo())

    def test_everybody_sees_the_shares_of_the_leads_they_see(self):
        for role in ("rep", "colleague", "manager", "south_manager", "administrator", "salesman", "stock_all"):
            with self.subTest(role):
                self.assertEqual(self.seen(role), self.names(self.as_role(role, self.env["crm.lead"]).search([])))
        self.assertEqual(self.seen("rep"), {"own"})

    def test_sums_are_narrowed_like_rows(self):
        rows = self.as_role("rep", self.env["pipeline.attribution"])
        self.assertEqual(rows._read_group([], ["source"], ["lead_share:sum"]), [("own", 1.0)])

    def test_who_has_no_leads_has_no_report(self):
        for role in ("success", "plain", "portal", "public"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.as_role(role, self.env["pipeline.attribution"]).search([])

    def test_nobody_writes_into_it(self):
        row = self.env["pipeline.attribution"].search([("lead_id", "=", self.leads["own"].id)])
        for role in ("rep", "administrator"):
            for act in (lambda row: row.write({"source": "mine"}), lambda row: row.unlink()):
                with self.subTest(role), self.assertRaises(AccessError):
                    act(self.as_role(role, row))

    def test_no_company_sees_the_shares_of_another(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self._make_lead("abroad", None, None, company_id=other.id)
        self.flush()
        rows = self.as_role("administrator", self.env["pipeline.attribution"])
        self.assertFalse(rows.search([("company_id", "=", other.id)]))

    def test_the_menu_is_there_for_managers_alone(self):
        menu = self.env.ref("sales_pipeline.pipeline_attribution_menu").id
        for role, has_it in {
            "rep": False, "manager": True, "administrator": True, "success": False, "salesman": False,
        }.items():  # fmt: skip
            with self.subTest(role):
                menus = self.as_role(role, self.env["ir.ui.menu"])
                self.assertEqual(menu in menus._visible_menu_ids(), has_it)
