"""The path of a customer who reads Hindi, in a house that speaks French, on the clock of Kolkata."""

from datetime import timedelta, timezone

import pytest

from tests.journeys.people import open_house
from tests.journeys.stages import FiveStages
from tests.live import login, screenshot

pytestmark = pytest.mark.long

KOLKATA = timezone(timedelta(hours=5, minutes=30))
SAYS = {
    "refusal": "Pas encore : Budget is known",
    "welcome": "में आपका स्वागत है",
}


@pytest.fixture(scope="module")
def house(server):
    """Switch both languages on and open the house."""
    with server.env() as env:
        for code in ("fr_FR", "hi_IN"):
            env["res.lang"]._activate_lang(code)
        spoken = ("base", "web", "mail", "crm", "sale", "portal", "sales_pipeline")
        env["ir.module.module"].search([("name", "in", spoken)])._update_translations(["fr_FR", "hi_IN"])
    return open_house(server, lang="fr_FR", tz="Asia/Kolkata", customer_lang="hi_IN", says=SAYS)


def read(mail):
    return mail.get_body(("html",)).get_content()


class TestOtherLanguage(FiveStages):
    def test_the_house_is_told_in_french(self, server, house):
        subjects = server.sql(
            "SELECT subject FROM mail_message WHERE message_type = 'user_notification' AND model = 'crm.lead' "
            "AND res_id = %s AND subject IS NOT NULL ORDER BY id", house.lead,
        )  # fmt: skip
        assert subjects[0][0].startswith("Nouvelle piste : ")
        assert any("est revenu" in subject for (subject,) in subjects)
        query = "SELECT 1 FROM mail_message WHERE model = 'pipeline.customer' AND subject ~ 'est votre nouveau client'"
        assert len(server.sql(query)) == 1
        page = house.rhea.call("pipeline.event", "get_timeline", "crm.lead", house.lead, limit=100)
        labels = {event["kind"]: event["title"] for event in page["events"]}
        assert (labels["call"], labels["won"]) == ("Appel", "Gagné")

    def test_the_customer_reads_hindi(self, server, house):
        welcome = next(mail for mail in house.dana.get_mails() if SAYS["welcome"] in (mail["subject"] or ""))
        assert "नमस्ते" in read(welcome)
        assert "आरंभिक बैठक" in read(welcome), "the tasks are said in the customer's language, not in the manager's"
        assert "Réunion" not in read(welcome)

    def test_tasks_are_french_for_who_does_them(self, server, house):
        [customer] = house.cora.find("pipeline.customer", [("opportunity_id", "=", house.lead)])
        tasks = house.cora.call("pipeline.onboarding.task", "search_read", [("customer_id", "=", customer)], ["name"])
        assert "Réunion de lancement" in {task["name"] for task in tasks}

    def test_the_screen_shows_french_words_and_the_time_of_kolkata(self, server, house, new_page):
        # Odoo shows times by the clock of the browser, as people expect of a laptop that travels.
        page = new_page(timezone_id="Asia/Kolkata", locale="fr-FR")
        login(page, "rhea", path=f"/odoo/action-crm.crm_lead_action_pipeline/{house.lead}")
        page.wait_for_selector(".o_form_view")
        page.get_by_text("Chronologie").first.click()
        shown = page.locator(".o_pipeline_timeline_event[data-kind=customer] time").first
        shown.wait_for()
        [(moment,)] = server.sql(
            "SELECT max(e.occurred_at) FROM pipeline_event e JOIN crm_lead l ON l.uuid = e.story "
            "WHERE e.kind = 'customer' AND l.id = %s", house.lead,
        )  # fmt: skip
        local = moment.replace(tzinfo=timezone.utc).astimezone(KOLKATA)
        screenshot(page, "journey-french")
        assert shown.inner_text() == local.strftime("%H:%M")
        assert page.problems == []
