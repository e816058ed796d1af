"""Everything in the database that points to leads, whoever declared it."""

from collections.abc import Iterator
from typing import NamedTuple

from odoo import api, models, tools
from odoo.tools import SQL

# Not moved and not put back. The log never moves; the others are made from the record itself, follow its moments, or
# are the books of a merge.
_OWN_BOOKS = {
    "pipeline.event", "pipeline.event.detail", "pipeline.story.alias", "pipeline.contact", "pipeline.duplicate",
    "pipeline.merge", "pipeline.merge.row", "pipeline.bulk", "pipeline.bulk.item",
    "pipeline.import.row", "res.users.settings.embedded.action",
}  # fmt: skip


class Link(NamedTuple):
    """How the rows of a table point to a lead.

    ``kind`` is ``many2one``, ``pair`` (the id in ``column``, the model's name in ``model_column``), ``reference``
    (``crm.lead,7``) or ``many2many`` (a row links two records).
    """

    kind: str
    model: str
    table: str
    column: str
    model_column: str = ""
    field: str = ""


class PipelineMerge(models.Model):
    _inherit = "pipeline.merge"

    @api.model
    def _get_untouched_models(self) -> set[str]:
        """Return the models whose rows stay with the record that they were made for (door)."""
        return _OWN_BOOKS

    @api.model
    @tools.ormcache()
    def _get_links(self) -> tuple[Link, ...]:
        """Return every way in which stored rows point to leads, found in the registry."""
        untouched = self._get_untouched_models()
        found = {}
        for name, model in self.env.registry.items():
            # Odoo's own settings may point to a lead, but do not belong to it.
            is_setting = name.startswith("ir.") and name != "ir.attachment"
            if model._abstract or model._transient or not model._auto or is_setting or name in untouched:
                continue
            for link in self._get_links_of(self.env[name]):
                found[link.table, link.column] = link
        return tuple(found[key] for key in sorted(found))

    @api.model
    def _get_links_of(self, model) -> Iterator[Link]:
        for field in model._fields.values():
            if not field.store or field.inherited or field.company_dependent:
                continue
            if field.type == "many2one" and field.comodel_name == "crm.lead":
                yield Link("many2one", model._name, model._table, field.name, field=field.name)
            elif field.type == "many2many" and "crm.lead" in (model._name, field.comodel_name):
                is_own = model._name == "crm.lead"
                yield Link("many2many", model._name, field.relation, field.column1 if is_own else field.column2,
                           field=field.name)  # fmt: skip
            elif field.type == "reference":
                yield Link("reference", model._name, model._table, field.name, field=field.name)
            elif model_column := self._get_model_column(model, field):
                yield Link("pair", model._name, model._table, field.name, model_column, field.name)

    @api.model
    def _get_model_column(self, model, field) -> str:
        """Return the stored field with the name of the model that an id belongs to, or nothing."""
        if field.type == "many2one_reference":
            name = field.model_field
        elif field.type == "integer" and field.name == "res_id":
            name = "res_model"
        else:
            return ""
        of_model = model._fields.get(name)
        return name if of_model is not None and of_model.store and of_model.type in ("char", "selection") else ""

    @api.model
    def _get_condition(self, link: Link, ids: list[int]) -> SQL:
        """Return the condition that a row of the link's table points to one of some leads."""
        column = SQL.identifier("t", link.column)
        if link.kind == "reference":
            return SQL("%s = ANY(%s)", column, [f"crm.lead,{id_}" for id_ in ids])
        condition = SQL("%s = ANY(%s)", column, ids)
        if link.kind == "pair":
            return SQL("%s = 'crm.lead' AND %s", SQL.identifier("t", link.model_column), condition)
        return condition

    @api.model
    def _find_used_links(self, ids: list[int]) -> list[Link]:
        """Return the links by which something points to these leads: one query for all tables."""
        links = self._get_links()
        parts = [
            SQL("SELECT %s WHERE EXISTS (SELECT FROM %s t WHERE %s)", place, SQL.identifier(link.table),
                self._get_condition(link, ids))
            for place, link in enumerate(links)
        ]  # fmt: skip
        self.env.cr.execute(SQL(" UNION ALL ").join(parts))
        return [links[place] for (place,) in self.env.cr.fetchall()]
