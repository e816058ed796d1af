from odoo.tests import new_test_user

from odoo.addons.sales_pipeline.providers.capture.bulk_upload import BulkUploadProvider
from odoo.addons.sales_pipeline.tools.capture_draft import CaptureDraft, CaptureResult
from tests.common import PipelineCase
from tests.sales_pipeline.models.capture.contacts_csv import make_contacts

# Numbers of rows, and moments of writing.
_OWN = {"id", "uuid", "create_date", "write_date", "date_open", "date_last_stage_update", "lead_id", "res_id", "story",
        "recorded_at", "occurred_at", "digest", "captured_at", "contact_id"}  # fmt: skip
# Where a lead that a person types rightly differs from the same row of a list.
_NOT_TYPED = {
    "capture_channel", "pipeline_source_id",  # by which way it came in
    "response_target_id", "response_minutes", "response_started_at", "response_clock_at", "response_due_at",
    "response_next_at", "response_state",  # who types a lead has somebody who waits for an answer; a list has not
}  # fmt: skip
_HOSTILE = [
    {"name": "=cmd|' /C calc'!A0", "email": "weird+tag@GoogleMail.com", "message": "<script>alert(1)</script> & co"},
    {"name": "Zoë \u202eevil", "phone": "+49 30 23125042", "country": "Germany", "message": "two\nl \"q\" 'x'"},
    {"name": "Nobody Known", "phone": "030 23125042"},
    {"name": "Nobody Known Two", "phone": "12345678901234567"},
    {"company_name": "Only Company", "email": "not an address", "expected_revenue": "1.234,567"},
    {"name": "Brazilian", "phone": "(11) 91234-5678", "country": "Brasil", "temperature": "hot", "tags": "a;b, a"},
    {"name": "Ivory", "phone": "+225 07 08 09 10 11", "utm_source": "Google", "utm_campaign": "Spring"},
    {"name": "Free Mail", "email": "somebody@gmail.com", "prospective_type": "sme", "consent": "yes"},
    {"name": "Old", "email": "old@example.com", "submitted_at": "2020-01-02T03:04:05Z", "temperature": "cold"},
    {"name": "Umlaut", "email": "jürgen@müller.example", "whatsapp": "+49 151 23456789", "zip": "01067"},
]


class TestCrmLeadList(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Oracle", "country_id": cls.env.ref("base.de").id})
        cls.users = [
            new_test_user(cls.env, f"oracle_rep_{n}", "sales_pipeline.group_rep", company_id=cls.company.id,
                          company_ids=[(6, 0, cls.company.ids)])
            for n in range(3)
        ]  # fmt: skip
        cls.team = cls.env["crm.team"].create({
            "name": "Oracle Team", "company_id": cls.company.id, "use_leads": True,
            "member_ids": [(6, 0, [user.id for user in cls.users])],
        })  # fmt: skip
        cls.source = cls.env["pipeline.source"]._get_import_source(cls.company)
        cls.source.team_id = cls.team
        cls.model = cls.env["crm.lead"].with_company(cls.company)
        cls.env["ir.config_parameter"].set_param("crm.pls_fields", "phone_state,email_state,country_id,tag_ids")
        cls.env["crm.lead.scoring.frequency"].create([
            {"variable": name, "value": value, "won_count": won, "lost_count": lost, "team_id": cls.team.id}
            for name, value, won, lost in (
                ("stage_id", str(cls.env["crm.stage"].search([("team_ids", "=", False)], limit=1).id), 40, 60),
                ("phone_state", "correct", 30, 20), ("phone_state", "incorrect", 2, 30),
                ("email_state", "correct", 35, 30), ("country_id", str(cls.env.ref("base.de").id), 20, 5),
            )
        ])  # fmt: skip

    def _captured(self, count=200):
        provider = BulkUploadProvider(country_code="DE")
        rows = list(_HOSTILE)
        for line in make_contacts(count - len(rows)).content.decode().splitlines()[1 : count - len(rows) + 1]:
            rows.append(dict(zip(("name", "email", "phone", "company_name", "country", "utm_source", "message"),
                                 line.split(","), strict=False)))  # fmt: skip
        return [
            provider.parse({"values": values, "answers": [["Colour & more", "<b>red</b>"]] if n % 3 else [], "line": n},
                           f"row-{n}") for n, values in enumerate(rows)
        ]  # fmt: skip

    def _draft(self, captured):
        return [CaptureDraft(one, place, "DE") for place, one in enumerate(captured)]

    def _write(self, how, captured):
        """Capture in a savepoint that is taken back; return what stands in each table, by the row of the list."""
        savepoint = self.env.cr.savepoint()
        self.team.last_turn_user_id = False
        self.env.flush_all()
        results = how(captured)
        self.env["pipeline.moments.mixin"]._flush_moments()
        results = [getattr(one, "result", one) for one in results]
        lead_ids = [one.lead_id for one in results]
        tables = {
            name: self._read(name, column, lead_ids) for name, column in (
                ("crm_lead", "id"), ("pipeline_touch", "lead_id"), ("crm_tag_rel", "lead_id"),
                ("pipeline_event", "res_id"), ("pipeline_contact", "res_id"), ("mail_followers", "res_id"),
            )
        }  # fmt: skip
        places = {lead_id: place for place, lead_id in reversed(list(enumerate(lead_ids)))}
        outcome = [(one.outcome, one.field, one.code, one.has_no_contact, places.get(one.lead_id)) for one in results]
        savepoint.rollback()
        savepoint.close(rollback=True)
        self.env.invalidate_all(flush=False)
        return outcome, {
            name: sorted((places[row[0]], *map(str, row[1:])) for row in rows) for name, rows in tables.items()
        }

    def _read(self, table, column, lead_ids):
        where = {"pipeline_event": "AND res_model = 'crm.lead'", "pipeline_contact": "AND res_model = 'crm.lead'",
                 "mail_followers": "AND res_model = 'crm.lead'"}.get(table, "")  # fmt: skip
        self.env.cr.execute(f"SELECT {column}, to_jsonb(t) FROM {table} t WHERE {column} = ANY(%s) {where}",
                            [[one for one in lead_ids if one]])  # fmt: skip
        rows = []
        for lead_id, values in self.env.cr.fetchall():
            rows.append((lead_id, *sorted((name, value) for name, value in values.items() if name not in _OWN)))
        return rows

    def test_leads_written_in_sets_equal_those_that_the_form_of_capture_makes(self):
        captured = self._captured()
        # What the rows name is made beforehand: its numbers would differ.
        self.env["pipeline.capture.lookup"]._find_all([CaptureDraft(one, 0, "DE") for one in captured])
        one_by_one, expected = self._write(lambda items: self.env["crm.lead"]._capture(items, self.source), captured)
        in_sets, found = self._write(
            lambda items: self.env["crm.lead"]._capture_list(self._draft(items), self.source), captured
        )
        self.assertGreater(sum(outcome[0] == "created" for outcome in one_by_one), 150)
        self.assertEqual(in_sets, one_by_one)
        for table, rows in expected.items():
            self.assertEqual(len(found[table]), len(rows), table)
            for was, becomes in zip(rows, found[table], strict=True):
                self.assertEqual(set(becomes) - set(was), set(), (table, set(was) - set(becomes)))
                self.assertEqual(becomes, was)

    def _type(self, captured):
        """Enter people one by one by the form's use case, with the values that a list gives."""
        drafts = self._draft(captured)
        found = self.env["pipeline.capture.lookup"]._find_all(drafts)
        results = []
        for draft in drafts:
            values = self.model._prepare_captured_values(draft, self.source, self.team, False, found)
            typed = {name: value for name, value in values.items() if name not in _NOT_TYPED}
            lead = self.model._enter_manually({**typed, "is_other_contact": True})
            results.append(CaptureResult("created", lead.id))
        return results

    def test_leads_written_in_sets_equal_those_that_a_person_types_but_for_what_tells_the_way_in(self):
        captured = self._captured()
        self.env["pipeline.capture.lookup"]._find_all([CaptureDraft(one, 0, "DE") for one in captured])
        outcome, _tables = self._write(
            lambda items: self.model._capture_list(self._draft(items), self.source), captured
        )
        new = [one for one, (result, *_rest) in zip(captured, outcome, strict=True) if result == "created"]
        self.assertGreater(len(new), 150)
        _outcome, typed = self._write(self._type, new)
        _outcome, listed = self._write(
            lambda items: self.model._capture_list(self._draft(items), self.source), new
        )
        for table in ("crm_lead", "crm_tag_rel", "pipeline_contact", "mail_followers"):
            self.assertEqual(len(listed[table]), len(typed[table]), table)
            for was, becomes in zip(typed[table], listed[table], strict=True):
                self.assertEqual(_without_the_way(becomes), _without_the_way(was), table)


def _without_the_way(row):
    return [cell for cell in row if not any(str(cell).startswith(f"('{name}',") for name in _NOT_TYPED)]
