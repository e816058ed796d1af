from odoo import fields, models

from ...tools.assignment import take_turns


class CrmTeam(models.Model):
    _inherit = "crm.team"

    last_turn_user_id = fields.Many2one(
        "res.users", "Last Turn", readonly=True, copy=False, help="Who got the last lead when the members took turns."
    )

    def _get_turn_member_ids(self) -> list[int]:
        """Return the ids of the users who take turns in this team (door).

        A team without a company serves several; its members take turns only in the companies they work in. Who is
        away is passed by, unless everybody is.
        """
        self.ensure_one()
        company = self.company_id or self.env.company
        members = self.sudo().crm_team_member_ids.filtered(
            lambda member: member.active and not member.assignment_optout
        )
        users = members.user_id.filtered(lambda user: user.active and company in user.company_ids)
        return (users - users._find_absent() or users).ids

    def _take_turns(self, count: int) -> list[int]:
        """Give out turns to the members and remember the last one.

        The caller holds the lock of ``_get_turn_key``, so two captures never give the same turn.

        :param count: how many leads to hand out
        :return: user ids, one a lead; empty when the team has nobody
        """
        self.ensure_one()
        team = self.sudo()
        turns = take_turns(team._get_turn_member_ids(), team.last_turn_user_id.id, count)
        if turns:
            team.last_turn_user_id = turns[-1]
        return turns

    def _get_turn_key(self) -> str:
        return f"turn:{self.id}" if self else ""
