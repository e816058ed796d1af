"""Who sees and changes what hangs on a lead: its story, its touches, its quotes; and the sources that bring it."""

from odoo.exceptions import AccessError

from tests.sales_pipeline.security.common import ROLES, RolesCase
from tests.sales_pipeline.security.test_roles import ALL, SEEN

EVERYBODY = tuple(ROLES)
UNPRIVILEGED = tuple(role for role in ROLES if role != "system")


class TestTheLog(RolesCase):
    def test_a_timeline_is_told_to_who_sees_the_lead_and_to_nobody_else(self):
        for role in EVERYBODY:
            log = self.as_role(role, self.env["pipeline.event"])
            for name, lead in self.leads.items():
                with self.subTest(role=role, lead=name):
                    if name in SEEN.get(role, ()):
                        kinds = [event["kind"] for event in log.get_timeline("crm.lead", lead.id)["events"]]
                        self.assertIn("created", kinds)
                    else:
                        self.assertRefused(lambda log=log, lead=lead: log.get_timeline("crm.lead", lead.id), lead)

    def test_nobody_reads_searches_or_writes_the_log_itself(self):
        event = self.env["pipeline.event"].search([("story", "=", self.leads["own"].uuid)], limit=1)
        for role in EVERYBODY:
            with self.subTest(role):
                log = self.as_role(role, event)
                for act in (
                    lambda log=log: log.search([]),
                    lambda log=log: log.search_count([]),
                    lambda log=log: log._read_group([], ["kind"], ["__count"]),
                    lambda log=log: log.name_search("created"),
                    lambda log=log: log.read(["kind", "metadata"]),
                    lambda log=log: log.write({"kind": "won"}),
                    lambda log=log: log.unlink(),
                    lambda log=log: log.create({"kind": "won"}),
                ):
                    self.assertRefused(act, event)

    def test_nobody_reads_the_personal_details_beside_the_log(self):
        self.as_role("rep", self.leads["own"]).action_convert()
        self.flush()
        detail = self.env["pipeline.event.detail"].sudo().search([], order="id desc", limit=1)
        self.assertTrue(detail.values)
        for role in EVERYBODY:
            with self.subTest(role):
                seen = self.as_role(role, detail)
                self.assertRefused(lambda seen=seen: seen.search([]), detail)
                self.assertRefused(lambda seen=seen: seen.read(["values"]), detail)
                self.assertRefused(lambda seen=seen: seen.write({"values": {}}), detail)
                self.assertRefused(seen.unlink, detail)


class TestTouches(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.touches = {
            name: cls.env["pipeline.touch"].create(
                {"lead_id": lead.id, "capture_channel": "website", "utm_source": name}
            )
            for name, lead in cls.leads.items()
        }

    def test_a_touch_is_seen_with_its_lead(self):
        for role, expected in SEEN.items():
            touches = self.as_role(role, self.env["pipeline.touch"])
            with self.subTest(role):
                found = touches.search([("lead_id", "in", self.everything.ids)])
                self.assertEqual(set(found.mapped("utm_source")), expected)
                self.assertEqual(touches.search_count([("lead_id", "in", self.everything.ids)]), len(expected))
            for name in ALL - expected:
                with self.subTest(role=role, touch=name):
                    foreign = self.as_role(role, self.touches[name])
                    self.assertRefused(lambda foreign=foreign: foreign.read(["utm_source"]), self.touches[name])

    def test_who_has_no_leads_has_no_touches(self):
        for role in ("plain", "portal", "public"):
            with self.subTest(role):
                touches = self.as_role(role, self.env["pipeline.touch"])
                self.assertRefused(lambda touches=touches: touches.search([]), self.touches["own"])

    def test_nobody_makes_changes_or_deletes_a_touch(self):
        touch = self.touches["own"]
        for role in ("rep", "manager", "administrator", "salesman"):
            with self.subTest(role):
                seen = self.as_role(role, touch)
                self.assertRefused(lambda seen=seen: seen.write({"utm_source": "forged"}), touch)
                self.assertRefused(seen.unlink, touch)
                values = {"lead_id": self.leads["own"].id, "capture_channel": "website"}
                self.assertNotMade(lambda seen=seen, values=values: seen.create(values), "pipeline.touch")


class TestOrders(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partner = cls.env["res.partner"].create({"name": "Buyer"})
        product = cls.env["product.product"].create({"name": "Thing", "list_price": 10})
        cls.orders = {
            name: cls.env["sale.order"].create({
                "partner_id": partner.id, "user_id": lead.user_id.id, "team_id": lead.team_id.id,
                "opportunity_id": lead.id, "note": name, "order_line": [(0, 0, {"product_id": product.id})],
            })
            for name, lead in cls.leads.items()
        }  # fmt: skip
        cls.all_orders = cls.env["sale.order"].union(*cls.orders.values())
        cls.flush()

    def names_of_orders(self, orders):
        return {name for name, order in self.orders.items() if order in orders.with_env(self.env)}

    def test_orders_and_their_lines_and_analysis_are_seen_as_the_leads_are(self):
        for role in ("rep", "manager", "south_manager", "administrator", "salesman", "stock_all"):
            with self.subTest(role):
                orders = self.as_role(role, self.env["sale.order"]).search([("id", "in", self.all_orders.ids)])
                self.assertEqual(self.names_of_orders(orders), SEEN[role])
                lines = self.as_role(role, self.env["sale.order.line"]).search(
                    [("order_id", "in", self.all_orders.ids)]
                )
                self.assertEqual(self.names_of_orders(lines.sudo().order_id), SEEN[role])
                report = self.as_role(role, self.env["sale.report"]).search(
                    [("order_reference", "in", [f"sale.order,{order.id}" for order in self.all_orders])]
                )
                self.assertEqual(len(report), len(SEEN[role]))

    def test_who_does_not_see_an_order_changes_nothing_on_it(self):
        for role in ("rep", "manager", "south_manager", "success"):
            for name in ALL - SEEN[role]:
                order = self.orders[name]
                with self.subTest(role=role, order=name):
                    foreign = self.as_role(role, order)
                    self.assertRefused(lambda foreign=foreign: foreign.read(["amount_total"]), order)
                    self.assertRefused(lambda foreign=foreign: foreign.write({"note": "changed"}), order)
                    self.assertRefused(foreign.action_confirm, order)
                    self.assertRefused(lambda foreign=foreign: foreign._action_cancel(), order)
                    self.assertRefused(lambda foreign=foreign: foreign.order_line.write({"price_unit": 1}), order)
                    self.assertRefusedInTime(foreign.unlink, order)

    def test_outsiders_see_no_order(self):
        for role in ("plain", "public"):
            with self.subTest(role):
                orders = self.as_role(role, self.env["sale.order"])
                self.assertRefused(lambda orders=orders: orders.search([]), self.all_orders)
        self.assertFalse(self.as_role("portal", self.env["sale.order"]).search([]))


class TestSources(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["pipeline.source"].create({"name": "Form", "team_id": cls.north.id})
        cls.row = cls.env["pipeline.inbox"].create({
            "source_id": cls.source.id, "external_id": "1", "payload": {"name": "Ada"},
            "company_id": cls.env.company.id,
        })  # fmt: skip
        cls.flush()

    def test_only_the_systems_administrator_reads_tokens_and_secrets(self):
        secrets = ("token", "secret", "capture_url", "example_command", "example_form")
        for role in UNPRIVILEGED:
            for name in secrets:
                with self.subTest(role=role, field=name):
                    source = self.as_role(role, self.source)
                    self.assertRefused(lambda source=source, name=name: source.read([name]), self.source)
                    if name in ("token", "secret"):
                        domain = [(name, "=like", self.source[name][:3] + "%")]
                        self.assertRefused(lambda source=source, domain=domain: source.search(domain), self.source)
        self.users["system"].group_ids += self.env.ref("sales_pipeline.group_admin")
        seen = self.as_role("system", self.source).read(list(secrets))[0]
        self.assertEqual((seen["token"], seen["secret"]), (self.source.token, self.source.secret))

    def test_a_secret_is_not_exported_either(self):
        for role in ("rep", "manager", "administrator"):
            self.users[role].group_ids += self.env.ref("base.group_allow_export")
            for name in ("token", "secret", "capture_url"):
                with self.subTest(role=role, field=name):
                    source = self.as_role(role, self.source)
                    self.assertRefused(lambda source=source, name=name: source.export_data([name]), self.source)

    def test_reading_all_that_one_may_shows_no_secret(self):
        for role in ("rep", "manager", "salesman", "administrator"):
            with self.subTest(role):
                shown = self.as_role(role, self.source).read()[0]
                self.assertNotIn("secret", shown)
                self.assertNotIn(self.source.secret, str(shown))
                self.assertNotIn(self.source.token, str(shown))

    def test_only_administrators_change_sources(self):
        for role in ("rep", "manager", "success", "salesman", "stock_all", "plain", "portal", "public"):
            with self.subTest(role):
                source = self.as_role(role, self.source)
                self.assertRefused(lambda source=source: source.write({"name": "Mine"}), self.source)
                self.assertRefused(lambda source=source: source.write({"secret": "known"}), self.source)
                self.assertRefused(source.action_rotate_secret, self.source)
                self.assertRefusedInTime(source.unlink, self.source)
                self.assertNotMade(lambda source=source: source.create({"name": "New"}), "pipeline.source")

    def test_an_administrator_makes_a_source_without_seeing_or_replacing_its_secret(self):
        made = self.as_role("administrator", self.env["pipeline.source"]).create({"name": "New"})
        plain = made.sudo()
        self.assertTrue(plain.token and plain.secret)
        # Who cannot read the new secret could not bring it to the sender, whose leads would be turned away.
        self.assertRefused(made.action_rotate_secret, made)
        self.assertRefused(made._replace_secret, made)
        self.assertRefused(made.action_end_previous_secret, made)
        for name in ("secret", "previous_secret", "token", "vendor_token", "verify_token", "vendor_base_url"):
            self.assertRefused(lambda name=name: made.read([name]), made)
            self.assertRefused(lambda name=name: made.write({name: "known"}), made)
        self.assertNotMade(
            lambda: made.env["pipeline.new.secret"].create({"source_id": made.id}), "pipeline.new.secret"
        )

    def test_who_is_both_replaces_a_secret(self):
        self.users["administrator"].group_ids += self.env.ref("base.group_system")
        source = self.as_role("administrator", self.source)
        before = source.secret
        source._replace_secret()
        self.assertNotEqual(source.secret, before)

    def test_mappings_and_refusals_are_the_administrators(self):
        mapping = self.source.mapping_ids.create({"source_id": self.source.id, "question": "Q", "target": "ignore"})
        refusal = self.env["pipeline.source.refusal"].create({
            "source_id": self.source.id, "reason": "secret", "refused_count": 3, "first_at": "2026-01-01 00:00:00",
            "last_at": "2026-01-02 00:00:00",
        })  # fmt: skip
        for role in ("rep", "manager", "success", "salesman", "stock_all", "plain", "portal", "public"):
            with self.subTest(role):
                source = self.as_role(role, self.source)
                self.assertRefused(lambda role=role: self.as_role(role, mapping).read(["question"]), mapping)
                self.assertRefused(lambda role=role: self.as_role(role, mapping).write({"target": "tags"}), mapping)
                self.assertRefused(lambda role=role: self.as_role(role, refusal).read(["reason"]), refusal)
                self.assertRefused(source.action_forget_refusals, refusal)
                self.assertRefused(source.action_map_questions, self.source)
                self.assertRefused(source.action_check_connection, self.source)
                self.assertRefused(source.action_send_test, self.source)
                self.assertNotMade(
                    lambda source=source: source.env["pipeline.map.questions"].create({"source_id": source.id}),
                    "pipeline.map.questions",
                )
        administrator = self.as_role("administrator", self.source)
        self.assertIn("3", administrator.refusal_text)
        self.assertTrue(administrator.action_map_questions()["res_id"])
        administrator.action_forget_refusals()
        self.assertFalse(refusal.exists())

    def test_the_inbox_is_the_administrators(self):
        for role in UNPRIVILEGED:
            if role == "administrator":
                continue
            with self.subTest(role):
                row = self.as_role(role, self.row)
                self.assertRefused(lambda row=row: row.search([]), self.row)
                self.assertRefused(lambda row=row: row.read(["payload"]), self.row)
                self.assertRefused(lambda row=row: row.read(["payload_text"]), self.row)
                self.assertRefused(row.action_retry, self.row)
                self.assertRefused(row.unlink, self.row)
        self.assertEqual(self.as_role("administrator", self.row).payload, {"name": "Ada"})

    def test_imported_lists_are_the_administrators(self):
        record = self.env["pipeline.import"].create({"name": "list.csv", "file": b"bmFtZQ=="})
        for role in UNPRIVILEGED:
            if role == "administrator":
                continue
            with self.subTest(role):
                seen = self.as_role(role, record)
                self.assertRefused(lambda seen=seen: seen.search([]), record)
                self.assertRefused(lambda seen=seen: seen.read(["file"]), record)
                self.assertRefused(seen.action_start, record)
        self.assertEqual(self.as_role("administrator", record).name, "list.csv")

    def test_the_outbox_is_the_administrators(self):
        self.env["pipeline.outbox"]._enqueue("welcome_mail", self.leads["own"])
        row = self.env["pipeline.outbox"].search([], order="id desc", limit=1)
        for role in UNPRIVILEGED:
            if role == "administrator":
                continue
            with self.subTest(role):
                seen = self.as_role(role, row)
                self.assertRefused(lambda seen=seen: seen.search([]), row)
                self.assertRefused(seen.action_send_again, row)
                self.assertRefused(seen.action_mark_sent, row)
                self.assertRefused(seen.unlink, row)
                values = {"kind": "welcome_mail", "key": "mine"}
                self.assertNotMade(lambda seen=seen, values=values: seen.create(values), "pipeline.outbox")
        self.assertEqual(self.as_role("administrator", row).kind, "welcome_mail")


class TestCompanies(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other company"})
        cls.foreign_source = cls.env["pipeline.source"].create({"name": "Elsewhere", "company_id": cls.other.id})
        cls.foreign_row = cls.env["pipeline.inbox"].create({
            "source_id": cls.foreign_source.id, "external_id": "1", "payload": {}, "company_id": cls.other.id,
        })  # fmt: skip
        cls.foreign_lead = cls._make_lead("elsewhere", None, None, company_id=cls.other.id)
        cls.foreign_touch = cls.env["pipeline.touch"].create({
            "lead_id": cls.foreign_lead.id, "capture_channel": "website", "company_id": cls.other.id,
        })  # fmt: skip
        cls.env["pipeline.outbox"]._enqueue("welcome_mail", cls.foreign_lead)
        cls.foreign_effect = cls.env["pipeline.outbox"].search([], order="id desc", limit=1)
        cls.foreign_import = cls.env["pipeline.import"].create({
            "name": "list.csv", "file": b"bmFtZQ==", "company_id": cls.other.id,
        })  # fmt: skip
        cls.foreign = (
            cls.foreign_source, cls.foreign_row, cls.foreign_lead,
            cls.foreign_touch, cls.foreign_effect, cls.foreign_import,
        )  # fmt: skip
        cls.flush()

    def test_an_administrator_sees_nothing_of_another_company(self):
        for record in self.foreign:
            with self.subTest(record._name):
                seen = self.as_role("administrator", record)
                self.assertFalse(seen.search([("id", "=", record.id)]))
                self.assertRefused(lambda seen=seen: seen.read(["display_name"]), record)
        self.assertRefused(self.as_role("administrator", self.foreign_source).action_rotate_secret, self.foreign_source)
        log = self.as_role("administrator", self.env["pipeline.event"])
        self.assertRefused(lambda: log.get_timeline("crm.lead", self.foreign_lead.id), self.foreign_lead)

    def test_who_belongs_to_both_companies_sees_both(self):
        self.users["administrator"].company_ids += self.other
        for record in self.foreign:
            with self.subTest(record._name):
                seen = self.as_role("administrator", record).with_context(allowed_company_ids=self.other.ids)
                self.assertEqual(seen.search([("id", "=", record.id)]), record)

    def test_an_administrator_makes_no_source_for_another_company(self):
        sources = self.as_role("administrator", self.env["pipeline.source"])
        with self.assertRaises(AccessError):
            sources.create({"name": "Theirs", "company_id": self.other.id})
        self.assertFalse(self.env["pipeline.source"].search([("name", "=", "Theirs")]))
