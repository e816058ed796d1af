"""What every entity of the API has: schemas, addresses, lists, tags. The files beside this one say what they hold."""

from typing import Any, ClassVar, Literal

from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from pydantic import BaseModel

from ..models.locks import key_lock
from ..rest.api import make_etag
from ..rest.call import current_call
from ..rest.paging import (
    Page,
    Sort,
    count_records,
    find_page,
    limit_time,
    make_cursor,
    make_fingerprint,
    read_cursor,
)
from ..rest.problems import ApiProblem, FieldError, not_found
from .common import Filter, list_conditions

Mode = Literal["create", "replace", "patch"]
# What parameters say about the page, not about the list.
_OF_THE_PAGE = {"cursor", "limit", "fields", "expand", "include_count"}


class PipelineApiResource(models.AbstractModel):
    """An entity: ``_api_schemas`` are its schemas by name, ``_api_sorts`` the fields behind its orders."""

    _name = "pipeline.api.resource"
    _description = "Entity of the API"

    _api_model: ClassVar[str] = ""
    _api_path: ClassVar[str] = ""
    _api_schemas: ClassVar[dict[str, type[BaseModel]]] = {}
    _api_sorts: ClassVar[dict[str, str]] = {"created_at": "create_date", "updated_at": "write_date"}
    _api_filters: ClassVar[dict[str, Filter]] = {}
    # Names in a body of PUT or PATCH that may only be what they are.
    _api_read_only: ClassVar[frozenset[str]] = frozenset()

    # ---- doors

    def _get_api_schema(self, name: str) -> list[type[BaseModel]]:
        """Return the parts of a schema, the base first; none: it is not of this entity. A leaf appends its own."""
        return [self._api_schemas[name]] if name in self._api_schemas else []

    def _get_domain(self) -> Domain:
        """Return which records the entity has."""
        return Domain.TRUE

    def _get_condition(self, name: str, operator: str, value: Any) -> Domain:
        """Return what one filter of a list means."""
        return Domain(self._api_filters[name].field, operator, value)

    def _represent(self, records, expand: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        """Return plain JSON values, fetched once for all (door): super, then add keys."""
        raise NotImplementedError

    def _represent_told(self, record, uuid: str | None) -> dict[str, Any] | None:
        """Return what a message tells of an entity in full (door), or None where the acting user may not see it.

        :param record: what the fact is about; the acting user may read it
        :param uuid: of the entity, where that is not the record itself
        """
        return self._represent(record)[0] if record._name == self._api_model else None

    def _prepare_values(self, body: BaseModel, record=None, mode: Mode = "create") -> dict[str, Any]:
        """Return values for the ORM. With ``patch`` only what ``body.model_fields_set`` names counts.

        :raise ApiProblem: 422 with pointers
        """
        raise NotImplementedError

    # ---- one record

    def _find(self, id_: str, *, for_write: bool = False):
        """Return the one record of this id that the acting user may read.

        A reader of what was merged away gets what it was merged into, under that one's id; a writer is told the id.

        :param for_write: wait for other writers of the record first; nothing may be written before
        :raise ApiProblem: 404, 409
        """
        if for_write:
            key_lock(self.env, f"record:{id_}")
        found = self._search_one(id_)
        if not found and (survivor := self.env["pipeline.story.alias"]._find_teller(id_)):
            found = self._search_one(survivor)
            if found and for_write:
                raise ApiProblem(
                    409, "conflict-of-state", f"It was merged into {survivor}: change that one.", merged_into=survivor
                )
        if not found:
            raise not_found()
        return found

    def _search_one(self, id_: str):
        model = self.env[self._api_model]
        try:
            found = model.with_context(active_test=False).search(
                self._get_domain() & Domain("uuid", "=", id_), limit=1
            )
        except AccessError as error:
            raise not_found() from error
        return model.browse(found.id)

    def _get_etag(self, record) -> str:
        """Return the tag of a record as it is now."""
        return make_etag(self._represent(record)[0])

    def _check_match(self, record) -> None:
        """Refuse to change a record that is not as the caller saw it; costs nothing without If-Match.

        :raise ApiProblem: 412
        """
        current_call().check_match(lambda: self._get_etag(record))

    def _check_read_only(self, record) -> None:
        """Refuse a body that wants to change what cannot be written; the same values pass.

        :raise ApiProblem: 422
        """
        sent = current_call().data
        names = [name for name in sent if name in self._api_read_only]
        present = self._represent(record)[0] if names else {}
        errors = [
            FieldError(("pointer", f"/{name}"), "read-only", f"{name} cannot be written: leave it out.")
            for name in names
            if name in present and sent[name] != present[name]
        ]
        if errors:
            raise ApiProblem(422, "validation-failed", errors[0].detail, errors=errors)

    def _keep_changes(self, record, values: dict[str, Any]) -> dict[str, Any]:
        """Return those values that differ from the record's, so that a PUT of what was read writes nothing."""
        kept = {}
        for name, value in values.items():
            field = record._fields[name]
            if field.type in ("one2many", "many2many", "properties") or _plain(
                field, field.convert_to_record(field.convert_to_cache(value, record), record), record
            ) != _plain(field, record[name], record):
                kept[name] = value
        return kept

    # ---- lists

    def _list(self, query: BaseModel) -> Page:
        """Return the page that a request asks for.

        :raise ApiProblem: 400 for a foreign cursor, 403 where the acting user has no such records at all
        """
        model = self.env[self._api_model]
        if not model.has_access("read"):
            raise ApiProblem(403, "forbidden", "The acting user may not read this list.")
        domain = self._get_domain() & Domain.AND(
            self._get_condition(*condition) for condition in list_conditions(query, self._api_filters)
        )
        limit_time(self.env)
        asked = query.model_dump(exclude_none=True, exclude=_OF_THE_PAGE)
        fingerprint = make_fingerprint(self._name, asked)
        after = read_cursor(self.env, query.cursor, fingerprint) if query.cursor else None
        records, key = find_page(model, domain, self._get_sort(query.sort), query.limit, after)
        count, is_more = count_records(model, domain) if query.include_count else (None, False)
        return Page(records, make_cursor(self.env, key, fingerprint) if key else None, count, is_more)

    def _get_sort(self, text: str) -> Sort:
        name = text.removeprefix("-")
        column = self._api_sorts[name]
        field = self.env[self._api_model]._fields[column]
        is_nullable = not field.required and column not in ("create_date", "write_date")
        return Sort(name, column, text.startswith("-"), is_nullable)


def _plain(field, value: Any, record) -> Any:
    return field.convert_to_write(value, record)
