"""Who sees a pair: whoever may read both of it, by the rules of leads and contacts themselves."""

import functools
from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL


class PipelineDuplicate(models.Model):
    """Spelling the rules of leads out once more would let a rule of another addon leak, so they are asked."""

    _inherit = "pipeline.duplicate"

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not self.env.su and not bypass_access:
            domain = Domain(domain) & self._get_visible_domain()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if self.env.su or not any(self._ids):
            return refused
        forbidden, make_error = refused or (self.browse(), None)
        hidden = (self - forbidden)._filter_hidden()
        if not hidden:
            return refused
        return forbidden | hidden, make_error or functools.partial(hidden._make_hidden_error)

    # ---- helpers

    @api.model
    def _get_visible_domain(self) -> Domain:
        """Return the domain of pairs of which the user may read both sides."""
        env = self.with_context(active_test=False).env
        leads = env["crm.lead"]._search(Domain.TRUE)
        # The first side drives the query; the other one is looked up by its id, which an "in" under an "or" is not.
        return Domain("lead_id", "in", leads) & Domain.OR(
            Domain("res_model", "=", name) & Domain.custom(to_sql=functools.partial(_other_exists, env[name]))
            for name in ("crm.lead", "res.partner")
            if env[name].has_access("read")
        )

    def _filter_hidden(self) -> "PipelineDuplicate":
        """Return the pairs of which the user may not read both sides."""
        pairs = self.sudo().exists()
        ids = defaultdict(set)
        for pair in pairs:
            ids["crm.lead"].add(pair.lead_id.id)
            ids[pair.res_model].add(pair.res_id)
        env = self.with_context(active_test=False).env
        seen = {
            name: set(env[name].search([("id", "in", list(some))]).ids) if env[name].has_access("read") else set()
            for name, some in ids.items()
        }
        hidden = pairs.filtered(
            lambda pair: pair.lead_id.id not in seen["crm.lead"] or pair.res_id not in seen[pair.res_model]
        )
        return self.browse(hidden.ids)

    def _make_hidden_error(self) -> AccessError:
        return AccessError(self.env._("A possible duplicate is seen by whoever may see both of the two."))


def _other_exists(model, pairs, alias, _query) -> SQL:
    """Return the condition that the user sees the other side of a pair."""
    found = model._search(Domain.TRUE)
    if found.is_empty():
        return SQL("FALSE")
    found.add_where(SQL("%s = %s", SQL.identifier(found.table, "id"), SQL.identifier(alias, "res_id")))
    return SQL("EXISTS %s", found.subselect("1"))
