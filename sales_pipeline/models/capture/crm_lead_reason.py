"""Why a lead is whose it is, in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from odoo import api, fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    assignment_reason = fields.Char("Why This Person", compute="_compute_assignment_reason")

    @api.depends("assignment_facts")
    @api.depends_context("lang")
    def _compute_assignment_reason(self):
        names = self._get_names_in([lead.assignment_facts or {} for lead in self])
        for lead in self:
            lead.assignment_reason = self._word_reason(lead.assignment_facts or {}, names)

    @api.model
    def _get_names_in(self, facts: Iterable[Mapping[str, Any]]) -> dict[int, str]:
        """Return the names of everybody whom facts speak about, by user id."""
        ids = {id_ for each in facts for name in ("absent", "full") for id_ in each.get(name) or ()}
        ids |= {each.get(name) for each in facts for name in ("user", "by")}
        users = self.env["res.users"].sudo().browse(id_ for id_ in ids if id_).exists()
        return {user.id: user.name for user in users}

    @api.model
    def _word_reason(self, why: Mapping[str, Any], names: Mapping[int, str]) -> str | bool:
        """Return why a lead is whose it is, or nothing where nobody noted it."""
        somebody = self.env._("somebody who left")
        user, by = (names.get(why.get(name), somebody) for name in ("user", "by"))
        if why.get("code") == "manual" and not why.get("user"):
            return self.env._("Released by %(by)s", by=by)
        if why.get("code") == "manual":
            is_own = why["by"] == why["user"]
            return self.env._("Taken by %(by)s", by=by) if is_own else self.env._("Assigned by %(by)s", by=by)
        told = {name: (why.get(name) or [0, ""])[1] for name in ("rule", "pool", "team", "source")}
        # The translating function has a parameter of that name.
        told["origin"] = told.pop("source")
        words = {
            "pool": lambda: self._word_turn(why, told, user, names),
            "waits": lambda: self.env._(
                "%(pool)s: waits until somebody is at work", pool=self._word_pool(why, told)),
            "full": lambda: self.env._("%(pool)s: waits until somebody has room", pool=self._word_pool(why, told)),
            "empty": lambda: self.env._("%(pool)s: nobody takes part", pool=self._word_pool(why, told)),
            "turn": lambda: self.env._(
                "Team %(team)s takes turns: %(user)s's turn (%(place)s of %(count)s)",
                team=told["team"], user=user, place=why.get("place"), count=why.get("of")),
            "team": lambda: self.env._("No rule fits: a member of %(team)s, in turn", **told),
            "known": lambda: self.env._("%(user)s already looked after this contact", user=user),
            "fixed": lambda: self.env._("Source “%(origin)s” gives its leads to %(user)s", **told | {"user": user}),
            "nobody": lambda: self.env._("Source “%(origin)s” gives its leads to nobody", **told),
            "none": lambda: self.env._("No rule fits, and no team takes turns"),
            "late": lambda: self.env._("Passed on to %(user)s, since nobody answered in time", user=user),
            "other": lambda: self.env._("Changed automatically"),
        }  # fmt: skip
        return words[why["code"]]() if why.get("code") in words else False

    @api.model
    def _word_pool(self, why: Mapping[str, Any], told: Mapping[str, str]) -> str:
        if why.get("rule"):
            return self.env._("Rule “%(rule)s”, pool %(pool)s", rule=told["rule"], pool=told["pool"])
        return self.env._("Pool %(pool)s", pool=told["pool"])

    @api.model
    def _word_turn(self, why: Mapping[str, Any], told: Mapping[str, str], user: str, names: Mapping[int, str]) -> str:
        notes = [self.env._("%(place)s of %(count)s", place=why.get("place"), count=why.get("of"))]
        absent, full = (", ".join(names[id_] for id_ in why.get(name) or () if id_ in names)
                        for name in ("absent", "full"))  # fmt: skip
        if why.get("anyway"):
            notes.append(self.env._("nobody was at work"))
        elif absent:
            notes.append(self.env._("away: %(names)s", names=absent))
        if full:
            notes.append(self.env._("full: %(names)s", names=full))
        if why.get("made_up"):
            notes.append(self.env._("makes up for missed turns"))
        pool = self._word_pool(why, told)
        return self.env._("%(pool)s: %(user)s's turn (%(notes)s)", pool=pool, user=user, notes="; ".join(notes))
