"""Every role opens every screen that its menus offer."""

from tests.common import PipelineCase

ROLES = ("rep", "manager", "customer_success", "admin")
LEAD_VIEWS = (
    "crm.crm_lead_view_form",
    "crm.crm_case_tree_view_leads",
    "crm.view_crm_case_leads_filter",
    "crm.crm_case_kanban_view_leads",
    "crm.crm_lead_view_kanban_forecast",
    "crm.view_crm_lead_kanban",
    "crm.crm_case_tree_view_oppor",
)


class TestScreens(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": role,
                    "login": f"screen_{role}",
                    "email": f"{role}@screens.example",
                    "group_ids": [
                        (6, 0, [cls.env.ref("base.group_user").id, cls.env.ref(f"sales_pipeline.group_{role}").id])
                    ],
                }
            )
            for role in ROLES
        }

    def get_menus(self, role: str) -> set[str]:
        menus = self.env["ir.ui.menu"].with_user(self.users[role])
        visible = menus.browse(menus._visible_menu_ids())
        return {
            xmlid
            for xmlid in visible.sudo().get_external_id().values()
            if xmlid.startswith(("sales_pipeline.", "crm.crm_menu_root"))
        }

    def test_each_role_finds_its_menus_in_the_crm_app(self):
        config = {"sales_pipeline.pipeline_menu_config"} | {
            f"sales_pipeline.pipeline_{name}_menu"
            for name in ("criterion", "assignment_rule", "assignment_pool", "absence", "response_target")
        }
        selling = {f"sales_pipeline.pipeline_{name}_menu" for name in ("duplicate", "merge", "bulk", "response")}
        selling |= {"sales_pipeline.pipeline_absence_menu_mine"}
        customers = {
            "crm.crm_menu_root",
            "sales_pipeline.pipeline_customer_menu_root",
            "sales_pipeline.pipeline_customer_menu",
        }
        success = {"sales_pipeline.pipeline_customer_menu_mine", "sales_pipeline.pipeline_onboarding_task_menu"}
        intake = {
            f"sales_pipeline.pipeline_{name}_menu"
            for name in ("source", "inbox", "onboarding_template", "outbox", "conversion", "conversion_target")
        }
        self.assertEqual(self.get_menus("rep"), customers | selling)
        reports = {"sales_pipeline.pipeline_attribution_menu"}
        config |= {"sales_pipeline.pipeline_webhook_menu"}
        self.assertEqual(self.get_menus("manager"), customers | selling | config | reports)
        self.assertEqual(self.get_menus("customer_success"), customers | success)
        self.assertLessEqual(customers | selling | config | reports | success | intake, self.get_menus("admin"))

    def test_users_without_a_role_keep_the_menus_they_had(self):
        salesman = (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": "stock",
                    "login": "screen_stock",
                    "group_ids": [
                        (6, 0, [self.env.ref("base.group_user").id, self.env.ref("sales_team.group_sale_salesman").id])
                    ],
                }
            )
        )
        self.users["stock"] = salesman
        self.assertEqual(self.get_menus("stock"), {"crm.crm_menu_root"})

    def test_the_lead_screens_open_for_every_seller(self):
        for role in ("rep", "manager", "admin"):
            for xmlid in LEAD_VIEWS:
                with self.subTest(role=role, view=xmlid):
                    view = self.env.ref(xmlid)
                    kind = view.type
                    arch = self.env["crm.lead"].with_user(self.users[role]).get_view(view.id, kind)["arch"]
                    self.assertIn("temperature", arch)

    def test_address_and_secret_of_a_source_reach_system_administrators_only(self):
        view = self.env.ref("sales_pipeline.pipeline_source_view_form")
        arch = self.env["pipeline.source"].with_user(self.users["admin"]).get_view(view.id, "form")["arch"]
        for name in ("secret", "capture_url", "example_command", "example_form"):
            self.assertNotIn(f'name="{name}"', arch)
        self.assertIn('name="secret"', self.env["pipeline.source"].get_view(view.id, "form")["arch"])

    def test_deleted_leads_are_offered_to_managers_only(self):
        view = self.env.ref("crm.view_crm_case_leads_filter")
        arch = {
            role: self.env["crm.lead"].with_user(self.users[role]).get_view(view.id, "search")["arch"]
            for role in ("rep", "manager")
        }
        self.assertNotIn('name="deleted"', arch["rep"])
        self.assertIn('name="deleted"', arch["manager"])

    def test_an_empty_list_of_leads_teaches(self):
        lead = self.env["crm.lead"]
        self.assertIn("lead source", lead.with_context(default_type="lead").get_empty_list_help("<p>stock</p>"))
        self.assertEqual(
            lead.with_context(default_type="opportunity").get_empty_list_help("<p>stock</p>"), "<p>stock</p>"
        )
