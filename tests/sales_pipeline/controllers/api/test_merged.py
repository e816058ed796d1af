from tests.sales_pipeline.controllers.api.test_activities import ActivityCase


class TestMerged(ActivityCase):
    def setUp(self):
        super().setUp()
        self.kept = self.make_lead(name="Kept")
        self.gone = self.make_lead(name="Gone", email_from="gone@merged.example")
        self.done = self.post(self.gone, completed=True, summary="Asked").body["id"]
        self.merge = self.env["crm.lead"]._merge_leads(self.kept, self.gone)
        self.env.flush_all()

    def test_the_id_of_a_lead_that_was_merged_away_answers_with_what_it_was_merged_into(self):
        answer = self.api("GET", f"/leads/{self.gone.uuid}")

        self.assertEqual((answer.status, answer.body["id"]), (200, self.kept.uuid))
        self.assertEqual(answer.headers["Content-Location"], f"/api/leads/{self.kept.uuid}")
        self.assertNotIn("Content-Location", self.api("GET", f"/leads/{self.kept.uuid}").headers)
        listed = {row["id"] for row in self.api("GET", "/leads", limit=100).body["data"]}
        self.assertNotIn(self.gone.uuid, listed)

    def test_what_merged_into_one_after_the_other_is_followed_to_the_last(self):
        last = self.make_lead(name="Last")
        self.env["crm.lead"]._merge_leads(last, self.kept)
        self.env.flush_all()

        for uuid in (self.gone.uuid, self.kept.uuid):
            self.assertEqual(self.api("GET", f"/leads/{uuid}").body["id"], last.uuid)

    def test_the_activities_of_a_lead_that_was_merged_away_are_told_by_the_other(self):
        for uuid in (self.gone.uuid, self.kept.uuid):
            with self.subTest(uuid=uuid):
                rows = self.api("GET", f"/leads/{uuid}/activities").body["data"]

                (row,) = [row for row in rows if row["id"] == self.done]
                self.assertEqual(row["entity_id"], self.kept.uuid)
        self.assertEqual(self.api("GET", f"/activities/{self.done}").body["entity_id"], self.kept.uuid)

    def test_who_would_change_it_is_told_where_it_is(self):
        path = f"/leads/{self.gone.uuid}"
        for method, body in (("PATCH", {"notes": "x"}), ("PUT", {"name": "x"}), ("DELETE", None)):
            with self.subTest(method=method):
                answer = self.api(method, path, json=body)

                self.assertEqual((answer.status, answer.body["code"]), (409, "conflict-of-state"))
                self.assertEqual(answer.body["merged_into"], self.kept.uuid)
        self.assertEqual(self.kept.name, "Kept")
        self.assertFalse(self.kept.deleted_at)

    def test_who_must_not_see_the_one_learns_nothing_from_the_id_of_the_other(self):
        self.kept.user_id = self.client().user
        rep = self.client("rep")
        for method, path, body in (
            ("GET", "", None), ("PATCH", "", {"notes": "x"}), ("GET", "/activities", None),
        ):  # fmt: skip
            with self.subTest(method=method, path=path):
                answer = self.api(method, f"/leads/{self.gone.uuid}{path}", json=body, as_=rep)

                self.assertEqual((answer.status, answer.body["code"]), (404, "not-found"))
                self.assertNotIn(self.kept.uuid, str(answer.body))

    def test_after_the_merge_was_undone_each_answers_for_itself(self):
        self.merge._undo()
        self.env.flush_all()

        self.assertEqual(self.api("GET", f"/leads/{self.gone.uuid}").body["id"], self.gone.uuid)
