"""Beside other modules of Odoo the journey goes on: they are met only through hooks of what we depend on.

One database has them all; SALES_PIPELINE_EACH_MODULE=1 makes one database more for each of them alone.
"""

import os

import pytest
import requests

from dev import odoo_config
from tests.journeys.people import open_house
from tests.journeys.stages import FiveStages
from tests.live import LiveServer, login, screenshot

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

MODULES = ("website_crm", "sale_stock", "sale_project", "google_calendar", "crm_iap_mine", "mass_mailing")
SETS = [MODULES, *((module,) for module in MODULES if os.environ.get("SALES_PIPELINE_EACH_MODULE"))]


@pytest.fixture(scope="module", params=SETS, ids="+".join)
def server(request):
    """Run Odoo on a database in which modules were installed after our addons."""
    live = LiveServer("optional_" + "_".join(module[:6] for module in request.param))
    try:
        log = live.log.with_suffix(".install.log")
        odoo_config.install(live.odoo, live._postgres, "test", live.database, log, "-i", ",".join(request.param))
        live.start()
        live.modules = request.param
        yield live
    finally:
        live.close()


@pytest.fixture(scope="module")
def house(server):
    """Open the house once for all stages."""
    return open_house(server)


def post_form(server, **fields):
    """Send Odoo's own contact form of the website, as a visitor does."""
    values = {"name": "Roof", "contact_name": "Vera Visitor", "email_from": "vera@visitor.example", **fields}
    return requests.post(f"{server.base_url}/website/form/crm.lead", data=values, timeout=60)


class TestOptionalModules(FiveStages):
    def test_they_are_installed(self, server, house):
        installed = server.sql("SELECT name FROM ir_module_module WHERE state = 'installed'")
        assert {(module,) for module in server.modules} <= set(installed)

    def test_the_form_of_the_website_makes_leads_like_any_other(self, server, house):
        if "website_crm" not in server.modules:
            assert post_form(server).status_code == 404
            return
        answer = post_form(server, phone="+49 30 23125042", description="Please call")
        assert answer.status_code == 200
        lead = answer.json()["id"]
        [found] = server.sql(
            "SELECT type, email_normalized, lead_status, uuid IS NOT NULL FROM crm_lead WHERE id = %s", lead
        )
        assert found == ("lead", "vera@visitor.example", "new", True)
        kinds = server.sql("SELECT kind FROM pipeline_event WHERE res_model = 'crm.lead' AND res_id = %s", lead)
        assert kinds, "its story begins"
        # Whom a form's leads go to is a choice that Odoo leaves to the form; what we know of a lead is not.
        own = {"lead_status": "converted", "qualification": "qualified", "deleted_at": "2026-01-01", "uuid": "guess"}
        assert post_form(server, **own).status_code == 200
        columns = "lead_status, qualification, deleted_at, uuid = 'guess'"
        told = server.sql(f"SELECT DISTINCT {columns} FROM crm_lead WHERE email_from = %s", "vera@visitor.example")
        assert told == [("new", "new", None, False)]

    def test_the_screens_open(self, server, house, page):
        [(order,)] = server.sql("SELECT max(id) FROM sale_order WHERE opportunity_id = %s", house.lead)
        [(customer,)] = server.sql("SELECT id FROM pipeline_customer WHERE opportunity_id = %s", house.lead)
        # The first look compiles the scripts and styles of this set of modules.
        page.set_default_timeout(300_000)
        login(page, "mona", path="/odoo/action-crm.crm_lead_action_pipeline")
        page.wait_for_selector(".o_kanban_group")
        for action, record in (
            ("crm.crm_lead_action_pipeline", house.lead), ("sale.action_orders", order),
            ("sales_pipeline.pipeline_customer_action", customer),
        ):  # fmt: skip
            page.goto(f"/odoo/action-{action}/{record}")
            page.wait_for_selector(".o_form_view .o_form_sheet")
        screenshot(page, "optional-" + "-".join(server.modules)[:40])
        assert page.problems == []
