"""A sales floor with every role on it, drawn as a table."""

from contextlib import suppress

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tools import SQL

from tests.common import PipelineCase

ROLES = {
    "rep": "sales_pipeline.group_rep",
    "colleague": "sales_pipeline.group_rep",
    "manager": "sales_pipeline.group_manager",
    "south_rep": "sales_pipeline.group_rep",
    "south_manager": "sales_pipeline.group_manager",
    "success": "sales_pipeline.group_customer_success",
    "administrator": "sales_pipeline.group_admin",
    "salesman": "sales_team.group_sale_salesman",
    "stock_all": "sales_team.group_sale_salesman_all_leads",
    "plain": "base.group_user",
    "portal": "base.group_portal",
    "public": "base.group_public",
    "system": "base.group_system",
}
# lead: owner, team
LEADS = {
    "own": ("rep", "north"),
    "colleagues": ("colleague", "north"),
    "waiting": (None, "north"),
    "stray": (None, None),
    "souths": ("south_rep", "south"),
    "stocks": ("salesman", None),
}
NEEDLE = "Security needle"


class RolesCase(PipelineCase):
    """Two teams: the manager leads north, and the manager of south is a member of south, not its leader."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Without passwords: stretching a dozen of them would take longer than the tests.
        cls.users = {
            name: cls.env["res.users"].with_context(no_reset_password=True).create({
                "name": name.capitalize(), "login": f"{name}@roles.example", "email": f"{name}@roles.example",
                "group_ids": [Command.set(cls.env.ref(group).ids)],
            })
            for name, group in ROLES.items()
        }  # fmt: skip
        cls.teams = cls.env["crm.team"].create([
            {"name": "North", "user_id": cls.users["manager"].id}, {"name": "South", "user_id": False},
        ])  # fmt: skip
        cls.north, cls.south = cls.teams
        cls.memberships = {
            name: cls.env["crm.team.member"].create({"user_id": cls.users[name].id, "crm_team_id": team.id})
            for name, team in {
                "rep": cls.north, "colleague": cls.north, "south_rep": cls.south, "south_manager": cls.south,
            }.items()
        }  # fmt: skip
        cls.leads = {name: cls._make_lead(name, *place) for name, place in LEADS.items()}
        cls.everything = cls.env["crm.lead"].union(*cls.leads.values())
        cls.flush()

    @classmethod
    def _make_lead(cls, name, owner, team, **values):
        return cls.env["crm.lead"].create({
            "name": f"{NEEDLE} {name}", "contact_name": name, "email_from": f"{name}@leads.example", "type": "lead",
            "user_id": cls.users[owner].id if owner else False,
            "team_id": getattr(cls, team).id if team else False, **values,
        })  # fmt: skip

    @classmethod
    def flush(cls):
        cls.env["pipeline.moments.mixin"]._flush_moments()

    def as_role(self, role, record):
        """Return a record or a model as somebody sees it, with nothing remembered from others."""
        self.env.invalidate_all()
        return record.with_user(self.users[role])

    def names(self, leads):
        """Return which of the drawn leads these are."""
        return {name for name, lead in self.leads.items() if lead in leads.with_env(self.env)}

    # ---- refusals

    def assertRefused(self, act, *records, error=AccessError):
        """Assert that an act is refused before it did anything: nothing is rolled back here."""
        before = self._photograph(records)
        with suppress(error):
            act()
            self.fail("not refused")
        self.flush()
        self.env.invalidate_all()
        self.assertEqual(self._photograph(records), before)

    def assertRefusedInTime(self, act, *records, error=AccessError):
        """Assert that an act is refused within its transaction, and that the end of that leaves nothing behind.

        For acts that Odoo begins before it asks, such as a message, which is judged once it stands.
        """
        before = self._photograph(records)
        with self.assertRaises(error):
            act()
        self.flush()
        self.env.invalidate_all()
        self.assertEqual(self._photograph(records), before)

    def assertNotMade(self, act, model_name, error=AccessError):
        """Assert that a creation is refused and leaves no record once its transaction is gone."""
        model = self.env[model_name].sudo().with_context(active_test=False, with_deleted=True)
        before = model.search_count([])
        with self.assertRaises(error):
            act()
        self.assertEqual(model.search_count([]), before)

    def _photograph(self, records):
        """Return all that is stored about records, with how much was said and told about them."""
        self.env.flush_all()
        return [self._photograph_one(record.sudo()) for group in records for record in group]

    def _photograph_one(self, record):
        columns = SQL(", ").join(
            SQL.identifier(name) for name, field in record._fields.items() if field.store and field.column_type
        )
        self.cr.execute(SQL("SELECT %s FROM %s WHERE id = %s", columns, SQL.identifier(record._table), record.id))
        row = self.cr.fetchone()
        counts = []
        for table, model_column in (
            ("mail_message", "model"),
            ("mail_activity", "res_model"),
            ("pipeline_event", "res_model"),
        ):
            self.cr.execute(SQL(
                "SELECT count(*) FROM %s WHERE %s = %s AND res_id = %s",
                SQL.identifier(table), SQL.identifier(model_column), record._name, record.id,
            ))  # fmt: skip
            counts.append(self.cr.fetchone()[0])
        return row, counts
