from uuid import uuid4

from tests.sales_pipeline.controllers.api.test_activities import ActivityCase


class TestChannels(ActivityCase):
    def drain(self):
        """Carry out what waits, as the job does, without its commits."""
        self.env.flush_all()
        rows = self.env["pipeline.outbox"].search([("kind", "=", "lead_mail"), ("state", "=", "pending")])
        for row in rows:
            row._perform()
        self.env.flush_all()

    def test_a_call_and_a_message_say_what_to_install(self):
        lead = self.make_lead(phone="+43 1 5550100")
        for channel, body, addon in (
            ("call", {}, "sales_pipeline_voip"), ("whatsapp", {"text": "Hello"}, "sales_pipeline_whatsapp"),
        ):  # fmt: skip
            with self.subTest(channel=channel):
                answer = self.api("POST", f"/leads/{lead.uuid}/{channel}", json=body)

                self.assertEqual((answer.status, answer.body["code"]), (501, "not-configured"))
                self.assertIn(addon, answer.body["detail"])
        self.assertFalse(lead.activity_ids)

    def test_a_mail_is_planned_then_sent_under_one_id(self):
        lead = self.make_lead(email_from="Ann <ann@lamps.example>")

        answer = self.api("POST", f"/leads/{lead.uuid}/email", json={"subject": "Lamps", "body": "Hello <b>Ann</b>"})

        planned = answer.body
        self.assertEqual((answer.status, planned["activity_type"], planned["completed"]), (202, "email", False))
        self.assertEqual(answer.headers["Location"], f"/api/activities/{planned['id']}")
        self.drain()
        message = self.env["mail.message"].search([("res_id", "=", lead.id), ("subject", "=", "Lamps")])
        self.assertIn("Hello &lt;b&gt;Ann&lt;/b&gt;", message.body)
        self.assertEqual(message.author_id, self.client().user.partner_id)
        done = self.api("GET", f"/activities/{planned['id']}").body
        self.assertEqual((done["completed"], done["direction"], done["summary"]), (True, "out", "Lamps"))
        self.assertEqual(self.count_events(uuid=planned["id"], kind="mail"), 1)
        self.assertEqual(lead.lead_status, "contacted")
        self.assertEqual(len(self.api("GET", f"/leads/{lead.uuid}/activities").body["data"]), 1)

    def test_markup_is_sanitised(self):
        lead = self.make_lead(email_from="ann@lamps.example")

        self.api("POST", f"/leads/{lead.uuid}/email", json={
            "subject": "Lamps", "format": "html", "body": "<p onclick='x()'>Hello</p><script>alert(1)</script>",
        })  # fmt: skip
        self.drain()

        message = self.env["mail.message"].search([("res_id", "=", lead.id), ("subject", "=", "Lamps")])
        self.assertIn("Hello", message.body)
        self.assertNotIn("script", message.body)
        self.assertNotIn("onclick", message.body)

    def test_a_mail_that_was_cancelled_is_not_sent(self):
        lead = self.make_lead(email_from="ann@lamps.example")
        planned = self.api("POST", f"/leads/{lead.uuid}/email", json={"subject": "Lamps", "body": "Hello"}).body
        self.env["mail.activity"].search([("uuid", "=", planned["id"])]).unlink()

        self.drain()

        self.assertFalse(self.env["mail.message"].search([("res_id", "=", lead.id), ("subject", "=", "Lamps")]))

    def test_a_mail_that_cannot_go_out_is_refused(self):
        self.env["mail.blacklist"]._add("no@lamps.example")
        silent, refused = self.make_lead(), self.make_lead(email_from="no@lamps.example")
        for lead, code in ((silent, "no-address"), (refused, "blacklisted")):
            with self.subTest(code=code):
                answer = self.api("POST", f"/leads/{lead.uuid}/email", json={"subject": "Lamps", "body": "Hello"})

                self.assertEqual((answer.status, answer.body["errors"][0]["code"]), (422, code))
                self.assertFalse(lead.activity_ids)
        self.assertFalse(self.env["pipeline.outbox"].search_count([("kind", "=", "lead_mail")]))

    def test_a_mail_needs_words_of_its_own_or_those_of_one_template(self):
        lead = self.make_lead(email_from="ann@lamps.example")
        template = {"model_id": self.env["ir.model"]._get_id("crm.lead"), "subject": "Hello"}
        self.env["mail.template"].create([
            {"name": "Twice", **template}, {"name": "Twice", **template}, {"name": "No Body", **template},
        ])  # fmt: skip
        for body, pointer in (
            ({"body": "x"}, "/subject"), ({"subject": "x"}, "/body"), ({"template": "Nothing"}, "/template"),
            ({"template": "twice"}, "/template"), ({"template": "No Body"}, "/body"),
            ({"template": "No_Body"}, "/template"),
        ):  # fmt: skip
            with self.subTest(body=body):
                answer = self.api("POST", f"/leads/{lead.uuid}/email", json=body)

                self.assertEqual((answer.status, answer.body["errors"][0]["pointer"]), (422, pointer))
        self.assertFalse(lead.activity_ids)
        self.assertFalse(self.env["pipeline.outbox"].search_count([("kind", "=", "lead_mail")]))

    def test_what_is_sent_beside_a_template_takes_its_place(self):
        lead = self.make_lead(email_from="ann@lamps.example", contact_name="Ann")
        file = self.env["ir.attachment"].create({"name": "lamps.txt", "raw": b"lamps"})
        self.env["mail.template"].create({
            "name": "Lamps", "model_id": self.env["ir.model"]._get_id("crm.lead"), "subject": "Lamps for all",
            "body_html": "<p>Dear <t t-out='object.contact_name'/></p>", "attachment_ids": [(6, 0, file.ids)],
        })  # fmt: skip

        self.api("POST", f"/leads/{lead.uuid}/email", json={"template": "Lamps", "subject": "For you"})
        self.drain()

        message = self.env["mail.message"].search([("res_id", "=", lead.id), ("subject", "=", "For you")])
        self.assertIn("Dear Ann", message.body)
        self.assertEqual(message.attachment_ids, file)

    def test_a_meeting_that_is_moved_in_the_calendar_moves_its_activity(self):
        lead = self.make_lead()
        meeting = {"start": "2031-03-02T09:30:00Z", "duration_minutes": 30, "subject": "Show lamps"}
        planned = self.api("POST", f"/leads/{lead.uuid}/schedule", json=meeting).body
        event = self.env["calendar.event"].search([("opportunity_id", "=", lead.id)])

        event.write({"start": "2031-03-04 14:00:00", "stop": "2031-03-04 15:00:00"})

        moved = self.api("GET", f"/activities/{planned['id']}").body
        self.assertEqual((moved["scheduled_at"], moved["due_date"]), ("2031-03-04T14:00:00Z", "2031-03-04"))

    def test_a_meeting_stands_in_the_calendar_and_moves_with_its_activity(self):
        lead = self.make_lead()

        answer = self.api("POST", f"/leads/{lead.uuid}/schedule", json={
            "start": "2031-03-02T09:30:00Z", "duration_minutes": 30, "subject": "Show lamps", "location": "Online",
            "attendees": ["ann@lamps.example"],
        })  # fmt: skip

        body = answer.body
        self.assertEqual((answer.status, body["activity_type"], body["summary"]), (201, "meeting", "Show lamps"))
        self.assertEqual(body["scheduled_at"], "2031-03-02T09:30:00Z")
        event = self.env["calendar.event"].search([("opportunity_id", "=", lead.id)])
        self.assertEqual((str(event.start), str(event.stop)), ("2031-03-02 09:30:00", "2031-03-02 10:00:00"))
        self.assertIn("ann@lamps.example", event.partner_ids.mapped("email_normalized"))
        self.assertEqual(len(lead.activity_ids), 1)

        moved = self.api("PATCH", f"/activities/{body['id']}", json={"scheduled_at": "2031-03-05T12:00:00Z"}).body

        self.assertEqual((moved["scheduled_at"], moved["due_date"]), ("2031-03-05T12:00:00Z", "2031-03-05"))
        event.invalidate_recordset()
        self.assertEqual((str(event.start), str(event.stop)), ("2031-03-05 12:00:00", "2031-03-05 12:30:00"))

    def test_a_meeting_ends_after_it_starts(self):
        lead = self.make_lead()

        answer = self.api("POST", f"/leads/{lead.uuid}/schedule", json={
            "start": "2031-03-02T09:30:00Z", "end": "2031-03-02T09:30:00Z", "subject": "Show lamps",
        })  # fmt: skip

        self.assertEqual((answer.status, answer.body["errors"][0]["pointer"]), (422, "/end"))
        self.assertFalse(self.env["calendar.event"].search([("opportunity_id", "=", lead.id)]))

    def test_whoever_must_not_see_a_lead_cannot_reach_its_contact(self):
        rep = self.client("rep")
        lead = self.make_lead(email_from="ann@lamps.example", user_id=self.client().user.id)
        mail = {"subject": "Lamps", "body": "Hello"}
        meeting = {"start": "2031-03-02T09:30:00Z", "subject": "Show lamps"}
        for uuid in (lead.uuid, str(uuid4())):
            for channel, body in (("email", mail), ("schedule", meeting), ("call", {}), ("whatsapp", {"text": "x"})):
                with self.subTest(channel=channel):
                    answer = self.api("POST", f"/leads/{uuid}/{channel}", json=body, as_=rep)

                    self.assertEqual((answer.status, answer.body["code"]), (404, "not-found"))
        self.assertFalse(lead.activity_ids)
