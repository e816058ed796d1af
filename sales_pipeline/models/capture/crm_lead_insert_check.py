"""Ask whether leads may be made past the ORM: only where nobody but Odoo and we have a say in it."""

from collections.abc import Iterable

from odoo import api, models

from ...tools.lead_columns import DERIVED
from ..bridges import get_automation_names

# Whose code is known to do nothing for a lead from a list but what the insertion does as well.
_KNOWN_ADDONS = frozenset({
    "base", "mail", "utm", "phone_validation", "crm", "sale_crm", "crm_iap_enrich", "crm_iap_mine", "iap_crm",
    "crm_sms", "crm_mail_plugin", "website_crm", "calendar", "sales_team", "sms", "portal", "rating", "web",
    "sale", "sale_management", "sales_pipeline", "sales_pipeline_voip", "sales_pipeline_whatsapp",
    "website_crm_iap_reveal", "event_crm", "crm_livechat", "website", "contacts", "digest", "iap",
})  # fmt: skip
_VERBS = ("create", "_create", "_message_auto_subscribe", "_message_auto_subscribe_followers")


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _get_insert_obstacles(self, names: Iterable[str]) -> list[str]:
        """Return why leads with these fields must be made by the ORM; empty where nothing speaks against it.

        :param names: the fields that differ from lead to lead
        :return: one line a reason, in words for a person
        """
        varying = [self._fields[name] for name in names if name in self._fields]
        return [*self._find_foreign_methods(varying), *self._find_foreign_fields(varying), *self._find_automations()]

    @api.model
    def _find_foreign_methods(self, varying: list) -> list[str]:
        computes = {self._fields[name].compute for name in DERIVED if name in self._fields}
        computes |= {field.compute for field in varying}
        watched = {*_VERBS, *(name for name in computes if isinstance(name, str))}
        found = {
            (_get_addon(made), name) for one in type(self).__mro__ for name in watched
            if (made := one.__dict__.get(name)) is not None
        }  # fmt: skip
        checks = {
            (_get_addon(check), check.__name__) for check in self._constraint_methods
            if {field.name for field in varying} & set(getattr(check, "_constrains", ()))
        }  # fmt: skip
        foreign = sorted((addon, name) for addon, name in found | checks if addon not in _KNOWN_ADDONS)
        return [
            self.env._("The app %(addon)s acts on new leads (%(name)s).", addon=addon, name=name)
            for addon, name in foreign
        ]

    @api.model
    def _find_foreign_fields(self, varying: list) -> list[str]:
        """Return the stored fields that follow from what differs, and are none of those the insertion knows."""
        given = {field.name for field in varying} | DERIVED
        followers = {
            follower for field in varying for follower in self.env.registry.get_dependent_fields(field)
            if follower.model_name == self._name and follower.store and follower.name not in given
        }  # fmt: skip
        # What follows from owner, team and stage is the same for all that share a pattern.
        return [
            self.env._("The field %(field)s is computed from what the list says.", field=follower.name)
            for follower in sorted(followers, key=lambda field: field.name) if follower._module not in _KNOWN_ADDONS
        ]  # fmt: skip

    @api.model
    def _find_automations(self) -> list[str]:
        return [
            self.env._("The automation rule “%(name)s” watches leads.", name=name)
            for name in get_automation_names(self.env, self._name)
        ]


def _get_addon(made) -> str:
    """Return the addon that a method comes from; what the framework itself brings counts as ``base``."""
    module = getattr(getattr(made, "__func__", made), "__module__", "") or ""
    if module.startswith("odoo.addons."):
        return module.split(".")[2]
    return "base" if module.startswith("odoo.") else module
