from tests.sales_pipeline.controllers.api.base import ApiCase


class TestUsers(ApiCase):
    def list_users(self, **parameters):
        answer = self.api("GET", "/users", limit=100, **parameters)
        self.assertEqual(answer.status, 200)
        return {user["id"]: user for user in answer.body["data"]}

    def test_people_are_listed_with_their_highest_role(self):
        rep, manager = self.client("rep"), self.client("manager")

        users = self.list_users()

        self.assertEqual(users[rep.user.uuid]["role"], "rep")
        self.assertEqual(users[manager.user.uuid]["role"], "manager")

    def test_a_role_narrows_the_list_to_those_whose_highest_it_is(self):
        roles = ("admin", "manager", "rep", "customer_success", "other")
        people = {role: self.client(role).user.uuid for role in roles}

        for role, uuid in people.items():
            with self.subTest(role=role):
                found = self.list_users(role=role)

                self.assertIn(uuid, found)
                self.assertFalse(found.keys() & set(people.values()) - {uuid})

    def test_the_address_of_others_is_shown_to_administrators_only(self):
        rep, manager = self.client("rep"), self.client("manager")

        seen = {user["id"]: user["email"] for user in self.api("GET", "/users", limit=100, as_=rep).body["data"]}
        by_admin = self.api("GET", "/users", limit=100, as_=self.client("admin")).body["data"]

        self.assertEqual(seen[rep.user.uuid], rep.user.email)
        self.assertIsNone(seen[manager.user.uuid])
        self.assertIn(manager.user.email, [user["email"] for user in by_admin])

    def test_a_part_of_the_name_finds_people(self):
        uuid = self.client("rep", login="zebulon").user.uuid

        self.assertEqual(list(self.list_users(text="zebul")), [uuid])

    def test_people_of_other_companies_and_customers_are_not_listed(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.client("rep", login="stranger").user
        stranger.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        portal = self.env.ref("base.public_user")

        users = self.list_users()

        self.assertNotIn(stranger.uuid, users)
        self.assertNotIn(portal.uuid, users)

    def test_pages_follow_each_other_without_gaps(self):
        for number in range(5):
            self.client("rep", login=f"paged_{number}")
        seen, cursor = [], None
        while True:
            page = self.api("GET", "/users", limit=2, **({"cursor": cursor} if cursor else {})).body
            seen += [user["id"] for user in page["data"]]
            cursor = page["next_cursor"]
            if not cursor:
                break

        self.assertEqual(sorted(seen), sorted(self.list_users()))
        self.assertEqual(len(seen), len(set(seen)))
