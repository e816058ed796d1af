from datetime import timedelta
from uuid import uuid4

from odoo import fields

from odoo.addons.sales_pipeline.tools.event_uuid import to_uuid
from tests.sales_pipeline.controllers.api.base import ApiCase


class ActivityCase(ApiCase):
    def client(self, role="admin", scopes=None, login=None):
        # A manager sees the own teams only.
        return super().client(role, scopes, login)

    def make_lead(self, **values):
        return self.env["crm.lead"].create({"name": "Lamp", "type": "lead", "user_id": False, **values})

    def post(self, record, entity_type="lead", activity_type="call", as_=None, status=201, **values):
        body = {"entity_type": entity_type, "entity_id": record.uuid, "activity_type": activity_type, **values}
        answer = self.api("POST", "/activities", json=body, as_=as_)
        self.assertEqual(answer.status, status, answer.body)
        return answer

    def count_events(self, **values):
        self.env.flush_all()
        return self.env["pipeline.event"].search_count([(name, "=", value) for name, value in values.items()])


class TestActivities(ActivityCase):
    def test_a_planned_activity_is_answered_and_stands_in_odoo(self):
        lead = self.make_lead()
        manager = self.client()

        answer = self.post(lead, summary="Ask", description="Budget?\nWhen?", scheduled_at="2031-03-02T09:30:00Z",
                           metadata={"campaign": {"id": 7}})  # fmt: skip

        body = answer.body
        self.assertEqual(answer.headers["Location"], f"/api/activities/{body['id']}")
        self.assertEqual(
            (body["entity_type"], body["entity_id"], body["activity_type"]), ("lead", lead.uuid, "call")
        )
        self.assertEqual((body["summary"], body["description"]), ("Ask", "Budget?\nWhen?"))
        self.assertEqual((body["scheduled_at"], body["due_date"]), ("2031-03-02T09:30:00Z", "2031-03-02"))
        self.assertEqual((body["assigned_to"], body["created_by"]), (manager.user.uuid, manager.user.uuid))
        self.assertEqual(body["metadata"], {"campaign": {"id": 7}})
        self.assertFalse(body["completed"])
        activity = self.env["mail.activity"].search([("uuid", "=", body["id"])])
        self.assertEqual((activity.res_model, activity.res_id, activity.summary), ("crm.lead", lead.id, "Ask"))
        self.assertEqual(self.api("GET", f"/activities/{body['id']}").body, body)

    def test_every_type_can_be_planned_and_done(self):
        lead = self.make_lead()
        for code in ("call", "email", "whatsapp", "meeting", "note", "proposal", "quotation"):
            for completed in (False, True):
                with self.subTest(code=code, completed=completed):
                    body = self.post(lead, activity_type=code, completed=completed).body

                    self.assertEqual((body["activity_type"], body["completed"]), (code, completed))

    def test_a_customer_and_a_deal_have_activities_too(self):
        partner = self.env["res.partner"].create({"name": "Ann"})
        customer = self.env["pipeline.customer"].create({"partner_id": partner.id, "contact_id": partner.id})
        deal = self.make_lead(type="opportunity")
        for record, entity_type in ((customer, "customer"), (deal, "opportunity")):
            for completed in (False, True):
                with self.subTest(entity_type=entity_type, completed=completed):
                    body = self.post(record, entity_type, completed=completed, summary="Hello").body

                    self.assertEqual((body["entity_type"], body["entity_id"]), (entity_type, record.uuid))
                    self.assertEqual((body["completed"], body["summary"]), (completed, "Hello"))

    def test_an_activity_keeps_its_id_when_it_is_done(self):
        lead = self.make_lead()
        planned = self.post(lead, summary="Ask", description="Budget?", metadata={"a": 1}).body

        done = self.api("PATCH", f"/activities/{planned['id']}", json={"completed": True}).body

        self.assertTrue(done["completed"])
        self.assertTrue(done["completed_at"])
        kept = ("id", "entity_id", "activity_type", "summary", "description", "assigned_to", "created_by", "metadata",
                "created_at")  # fmt: skip
        self.assertEqual({name: done[name] for name in kept}, {name: planned[name] for name in kept})
        self.assertEqual(self.count_events(uuid=planned["id"], kind="call"), 1)
        self.assertTrue(lead.response_state is not None and lead.lead_status == "contacted")

    def test_what_was_done_earlier_is_logged_with_its_moment(self):
        lead = self.make_lead()

        body = self.post(lead, completed=True, completed_at="2025-01-02T03:04:05Z", description="Talked").body

        self.assertEqual((body["completed_at"], body["description"]), ("2025-01-02T03:04:05Z", "Talked"))
        self.assertFalse(lead.activity_ids)

    def test_nothing_was_done_in_the_future(self):
        lead = self.make_lead()

        answer = self.post(lead, completed=True, completed_at="2125-01-02T03:04:05Z", status=422)

        self.assertEqual(answer.body["errors"][0]["pointer"], "/completed_at")
        kept = self.env["mail.activity"].with_context(active_test=False)
        self.assertFalse(kept.search([("res_id", "=", lead.id), ("res_model", "=", "crm.lead")]))

    def test_a_put_of_what_was_read_changes_nothing(self):
        lead = self.make_lead()
        for completed in (False, True):
            with self.subTest(completed=completed):
                first = self.post(lead, completed=completed, summary="Ask", description="One\n\nTwo & <b>three</b>",
                                  scheduled_at="2031-03-02T09:30:00Z", metadata={"a": [1]})  # fmt: skip
                events = self.env["pipeline.event"].search_count([])

                again = self.api("PUT", f"/activities/{first.body['id']}", json=first.body)

                self.assertEqual((again.status, again.body), (200, first.body))
                self.assertEqual(again.etag, self.api("GET", f"/activities/{first.body['id']}").etag)
                self.assertEqual(self.env["pipeline.event"].search_count([]), events)

    def test_put_clears_what_is_absent_and_patch_keeps_it(self):
        lead = self.make_lead()
        planned = self.post(lead, summary="Ask", description="Why", metadata={"a": 1, "b": 2}).body
        path = f"/activities/{planned['id']}"

        patched = self.api("PATCH", path, json={"summary": "Tell", "metadata": {"a": None, "c": 3}}).body
        replaced = self.api("PUT", path, json={"activity_type": "meeting", "summary": "Meet"}).body

        self.assertEqual((patched["summary"], patched["description"]), ("Tell", "Why"))
        self.assertEqual(patched["metadata"], {"b": 2, "c": 3})
        self.assertEqual((replaced["activity_type"], replaced["summary"]), ("meeting", "Meet"))
        self.assertEqual((replaced["description"], replaced["assigned_to"], replaced["metadata"]), (None, None, {}))

    def test_what_cannot_be_written_is_refused_by_its_pointer(self):
        lead = self.make_lead()
        path = f"/activities/{self.post(lead).body['id']}"
        for sent, pointer in (
            ({"created_by": str(uuid4())}, "/created_by"), ({"colour": "red"}, "/colour"),
            ({"activity_type": "dance"}, "/activity_type"), ({"scheduled_at": "tomorrow"}, "/scheduled_at"),
            ({"assigned_to": str(uuid4())}, "/assigned_to"), ({"completed": "yes"}, "/completed"),
            ({"metadata": {"a": {"b": {"c": {"d": {"e": {}}}}}}}, "/metadata"),
            ({"metadata": {"a": "x" * 17_000}}, "/metadata"),
            ({"completed_at": "2025-01-02T03:04:05Z"}, "/completed_at"),
        ):  # fmt: skip
            with self.subTest(sent=str(sent)[:60]):
                before = self.api("GET", path)
                answer = self.api("PATCH", path, json=sent)

                self.assertEqual((answer.status, answer.body["errors"][0]["pointer"]), (422, pointer))
                self.assertEqual(self.api("GET", path).etag, before.etag)

    def test_who_saw_another_version_cannot_overwrite(self):
        lead = self.make_lead()
        path = f"/activities/{self.post(lead).body['id']}"
        first = self.api("GET", path)
        self.api("PATCH", path, json={"summary": "Changed"})

        answer = self.api("PATCH", path, json={"summary": "Late"}, headers={"If-Match": first.etag})

        self.assertEqual(answer.status, 412)
        self.assertEqual(self.api("GET", path).body["summary"], "Changed")


class TestCorrections(ActivityCase):
    def test_a_done_activity_is_corrected_and_the_log_keeps_both(self):
        lead = self.make_lead()
        done = self.post(lead, completed=True, summary="Asked", description="Said yes").body
        path = f"/activities/{done['id']}"

        first = self.api("PATCH", path, json={"summary": "Called"}).body
        second = self.api("PATCH", path, json={"description": "Said no", "completed_at": "2025-05-05T05:05:05Z"}).body

        self.assertEqual((first["summary"], first["description"], first["id"]), ("Called", "Said yes", done["id"]))
        self.assertEqual((second["summary"], second["description"]), ("Called", "Said no"))
        self.assertEqual(second["completed_at"], "2025-05-05T05:05:05Z")
        self.assertTrue(second["corrected_at"])
        self.assertEqual(self.api("GET", path).body, second)
        self.assertEqual(self.count_events(uuid=done["id"], kind="call"), 1)
        self.assertEqual(self.count_events(uuid=done["id"], kind="correction"), 2)
        rows = self.api("GET", f"/lead/{lead.uuid}/activities").body["data"]
        self.assertEqual([row["id"] for row in rows], [done["id"]])

    def test_a_put_on_what_was_done_says_what_it_should_have_said_and_leaves_the_facts(self):
        lead = self.make_lead()
        planned = self.post(
            lead, summary="Ask", description="Budget?", scheduled_at="2025-01-02T10:00:00Z", metadata={"a": 1},
            assigned_to=self.client("rep").user.uuid,
        ).body  # fmt: skip
        path = f"/activities/{planned['id']}"
        done = self.api("PATCH", path, json={"completed": True}).body

        put = self.api("PUT", path, json={"activity_type": "call", "summary": "Asked"}).body

        self.assertEqual((put["summary"], put["description"], put["metadata"]), ("Asked", None, {}))
        kept = ("id", "completed", "completed_at", "scheduled_at", "assigned_to", "created_by", "created_at")
        self.assertEqual({name: put[name] for name in kept}, {name: done[name] for name in kept})
        self.assertTrue(put["corrected_at"])
        self.assertEqual(self.count_events(uuid=done["id"], kind="correction"), 1)
        moved = self.api("PUT", path, json={"activity_type": "call", "scheduled_at": "2025-01-03T10:00:00Z"})
        self.assertEqual((moved.status, moved.body["errors"][0]["pointer"]), (422, "/scheduled_at"))

    def test_what_was_done_is_not_undone(self):
        lead = self.make_lead()
        done = self.post(lead, completed=True, summary="Asked").body
        path = f"/activities/{done['id']}"

        undone = self.api("PATCH", path, json={"completed": False})
        retyped = self.api("PATCH", path, json={"activity_type": "email"})

        self.assertEqual((undone.status, undone.body["code"]), (409, "conflict-of-state"))
        self.assertEqual((retyped.status, retyped.body["errors"][0]["pointer"]), (422, "/activity_type"))
        self.assertEqual(self.count_events(uuid=done["id"], kind="correction"), 0)

    def test_an_activity_of_a_deleted_user_still_answers(self):
        lead = self.make_lead()
        gone = self.client("rep", login="api_gone").user
        done = self.post(lead, completed=True, summary="Asked", description="Yes", assigned_to=gone.uuid).body
        self.env["mail.activity"].with_context(active_test=False).search([("uuid", "=", done["id"])]).unlink()

        answer = self.api("GET", f"/activities/{done['id']}")

        self.assertEqual((answer.status, answer.body), (200, done))

    def test_an_event_older_than_public_ids_has_one_too(self):
        lead = self.make_lead()
        self.env["pipeline.event"]._append([{"kind": "call", "record": lead, "metadata": {"outcome": "reached"}}])
        event = self.env["pipeline.event"].search([("story", "=", lead.uuid), ("kind", "=", "call")])

        (row,) = self.api("GET", f"/leads/{lead.uuid}/activities").body["data"]
        corrected = self.api("PATCH", f"/activities/{row['id']}", json={"summary": "Old"}).body

        self.assertEqual(row["id"], to_uuid(event.id))
        self.assertEqual(row["metadata"], {"outcome": "reached"})
        self.assertEqual((corrected["id"], corrected["summary"]), (row["id"], "Old"))


class TestActivityAccess(ActivityCase):
    def test_what_a_rep_must_not_see_is_not_there(self):
        rep = self.client("rep")
        lead = self.make_lead(user_id=self.client().user.id)
        ids = [self.post(lead, completed=completed).body["id"] for completed in (False, True)]

        for id_ in ids:
            with self.subTest(id_=id_):
                self.assertEqual(self.api("GET", f"/activities/{id_}", as_=rep).status, 404)
                self.assertEqual(self.api("PATCH", f"/activities/{id_}", json={"summary": "x"}, as_=rep).status, 404)
        self.assertEqual(self.api("GET", f"/leads/{lead.uuid}/activities", as_=rep).status, 404)
        refused = self.post(lead, as_=rep, status=422).body
        self.assertEqual(refused["errors"][0]["pointer"], "/entity_id")
        listed = self.api("GET", "/activities", as_=rep, limit=100).body["data"]
        self.assertFalse({row["id"] for row in listed} & set(ids))
        self.assertEqual(self.api("GET", f"/leads/{lead.uuid}/activities").body["data"][0]["summary"], None)

    def test_ones_own_activity_is_seen_on_a_lead_of_somebody_else(self):
        rep = self.client("rep")
        lead = self.make_lead(user_id=self.client().user.id)
        planned = self.post(lead, assigned_to=rep.user.uuid).body

        listed = self.api("GET", "/activities", as_=rep, limit=100).body["data"]

        self.assertEqual([row["id"] for row in listed].count(planned["id"]), 1)
        self.assertEqual(self.api("GET", f"/activities/{planned['id']}", as_=rep).status, 200)

    def test_the_activities_of_a_deleted_lead_are_gone(self):
        lead = self.make_lead()
        ids = [self.post(lead, completed=completed).body["id"] for completed in (False, True)]
        lead.unlink()
        self.env.flush_all()

        self.assertEqual({self.api("GET", f"/activities/{id_}").status for id_ in ids}, {404})
        listed = self.api("GET", "/activities", limit=100).body["data"]
        self.assertFalse({row["id"] for row in listed} & set(ids))


class TestActivityList(ActivityCase):
    def make_rows(self, lead, count):
        """Plan every other one and do the rest, several at the same moment."""
        start = fields.Datetime.now() - timedelta(days=30)
        activities = self.env["mail.activity"]
        uuids = set()
        for number in range(count):
            moment = start + timedelta(hours=number // 3)
            if number % 2:
                uuids.add(activities._log_done(lead, "call", {"summary": str(number)}, moment))
            else:
                planned = activities._plan_by_api(lead, "note", {"summary": str(number), "scheduled_at": moment})
                uuids.add(planned.uuid)
        self.env.flush_all()
        return uuids

    def read_all(self, path, **parameters):
        found, cursor = [], None
        while True:
            page = self.api("GET", path, **parameters, **({"cursor": cursor} if cursor else {})).body
            found += page["data"]
            cursor = page["next_cursor"]
            if not cursor:
                return found

    def test_planned_and_done_share_one_cursor_and_each_comes_once(self):
        lead = self.make_lead()
        uuids = self.make_rows(lead, 60)
        self.make_rows(self.make_lead(), 4)

        for sort in ("-happens_at", "happens_at"):
            with self.subTest(sort=sort):
                rows = self.read_all(f"/leads/{lead.uuid}/activities", limit=7, sort=sort)

                self.assertEqual(len(rows), 60)
                self.assertEqual({row["id"] for row in rows}, uuids)
                moments = [row["completed_at"] or row["scheduled_at"] for row in rows]
                self.assertEqual(moments, sorted(moments, reverse=sort.startswith("-")))

    def test_the_list_of_all_is_the_same_list(self):
        lead = self.make_lead()
        uuids = self.make_rows(lead, 12)

        rows = self.read_all("/activities", limit=5)

        ids = [row["id"] for row in rows]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertLessEqual(uuids, set(ids))

    def test_a_list_can_be_narrowed(self):
        lead, other = self.make_lead(), self.make_lead(type="opportunity")
        rep = self.client("rep").user
        call = self.post(lead, completed=True, completed_at="2025-02-01T00:00:00Z").body["id"]
        note = self.post(
            lead, activity_type="note", assigned_to=rep.uuid, scheduled_at="2031-01-01T00:00:00Z"
        ).body["id"]
        deal = self.post(other, "opportunity", "meeting", scheduled_at="2032-01-01T00:00:00Z").body["id"]
        for asked, expected in (
            ({"entity_id": lead.uuid}, {call, note}), ({"entity_type": "opportunity"}, {deal}),
            ({"completed": "true"}, {call}), ({"completed": "false"}, {note, deal}),
            ({"activity_type": "note"}, {note}), ({"activity_type_in": "note,call"}, {note, call}),
            ({"assigned_to": rep.uuid}, {note}), ({"assigned_to": str(uuid4())}, set()),
            ({"created_by": rep.uuid}, set()), ({"happens_at_gt": "2030-12-31T00:00:00Z"}, {note, deal}),
            ({"happens_at_lte": "2031-01-01T00:00:00Z"}, {note, call}), ({"entity_id": str(uuid4())}, set()),
        ):  # fmt: skip
            with self.subTest(asked=asked):
                page = self.api("GET", "/activities", **asked, limit=100).body

                self.assertEqual({row["id"] for row in page["data"]} & {call, note, deal}, expected)

    def test_it_is_counted_when_asked(self):
        lead = self.make_lead()
        self.make_rows(lead, 5)

        page = self.api("GET", f"/leads/{lead.uuid}/activities", include_count="true", limit=2).body

        self.assertEqual((page["count"], page["count_is_more"], len(page["data"])), (5, False, 2))

    def test_a_foreign_cursor_is_refused(self):
        lead = self.make_lead()
        self.make_rows(lead, 5)
        cursor = self.api("GET", f"/leads/{lead.uuid}/activities", limit=2).body["next_cursor"]

        for path, asked in (("/activities", {}), (f"/leads/{lead.uuid}/activities", {"completed": "true"})):
            answer = self.api("GET", path, cursor=cursor, **asked)

            self.assertEqual((answer.status, answer.body["code"]), (400, "bad-cursor"))

    def test_a_customer_tells_the_activities_of_its_deals(self):
        partner = self.env["res.partner"].create({"name": "Ann"})
        deal = self.make_lead(type="opportunity", partner_id=partner.id)
        done = self.post(deal, "opportunity", completed=True).body["id"]
        planned = self.post(deal, "opportunity").body["id"]
        deal.action_set_won()
        self.env["pipeline.moments.mixin"]._flush_moments()
        customer = deal.pipeline_customer_id

        rows = self.api("GET", f"/customers/{customer.uuid}/activities", limit=100).body["data"]

        self.assertLessEqual({done, planned}, {row["id"] for row in rows})

    def test_a_mail_is_an_activity(self):
        lead = self.make_lead(email_from="ann@example.com")
        lead.with_user(self.client().user).message_post(
            body="Hello", subject="Lamps", message_type="comment", subtype_xmlid="mail.mt_comment",
            outgoing_email_to="ann@example.com",
        )

        (row,) = self.api("GET", f"/leads/{lead.uuid}/activities").body["data"]

        self.assertEqual((row["activity_type"], row["summary"], row["direction"]), ("email", "Lamps", "out"))
        self.assertEqual(self.api("GET", f"/activities/{row['id']}").body, row)

    def test_what_somebody_archived_before_is_listed_as_completed(self):
        lead = self.make_lead()
        planned = self.post(lead).body
        self.env["mail.activity"].search([("uuid", "=", planned["id"])]).action_archive()

        (row,) = self.api("GET", f"/leads/{lead.uuid}/activities", completed="true").body["data"]

        self.assertEqual((row["id"], row["completed"]), (planned["id"], True))
