"""Read what leads and partners say of their contacts, in sets."""

from typing import Any

from odoo import api, models
from odoo.tools import SQL

from ...tools.contact import Contact, make_contact


class PipelineContact(models.Model):
    _inherit = "pipeline.contact"

    @api.model
    def _read_contacts(self, model_name: str, ids: list[int]) -> dict[int, tuple[int | None, Contact]]:
        """Return company and contact of those records that count: no archived partner, no deleted lead, but those that
        were merged away: by them is found what they were merged into.

        :param model_name: ``crm.lead`` or ``res.partner``; what is written must have been flushed
        """
        query = self._get_contact_queries()[model_name](ids)
        self.env.cr.execute(query)
        rows = self.env.cr.dictfetchall()
        has_properties = any(row.get("properties") for row in rows)
        identifiers = self.env["pipeline.identifier"]._get_properties() if has_properties else {}
        default = self.env.company.country_id.code
        found = {}
        for row in rows:
            countries = [code for code in (*row["countries"], default) if code]
            typed = self._read_identifiers(row.get("properties") or {}, row["company_id"], identifiers)
            contact = make_contact(row, list(dict.fromkeys(countries)), typed)
            found[row["id"]] = (row["company_id"], contact)
        return found

    @api.model
    def _get_contact_queries(self) -> dict[str, Any]:
        """Return a query maker by model: texts by the names that ``make_contact`` knows (door)."""
        return {"crm.lead": self._get_lead_query, "res.partner": self._get_partner_query}

    @api.model
    def _read_identifiers(
        self, properties: dict[str, Any], company_id: int | None, identifiers: dict[str, list[tuple]]
    ) -> list[tuple[str, str, Any]]:
        """Return name, kind and value of the declared properties of one lead."""
        return [
            (label, kind, value)
            for name, value in properties.items() if value
            for label, kind, of_company in identifiers.get(name, ()) if of_company in (None, company_id)
        ]  # fmt: skip

    @api.model
    def _get_lead_query(self, ids: list[int]) -> SQL:
        return SQL(
            """
            SELECT l.id, l.company_id, l.email_from AS email, l.phone, l.whatsapp,
                   COALESCE(NULLIF(l.contact_name, ''), CASE WHEN p.is_company IS NOT TRUE THEN p.name END) AS name,
                   COALESCE(NULLIF(l.partner_name, ''), p.commercial_company_name) AS company,
                   l.street, l.street2, l.zip, l.city, s.code AS state, lc.code AS country,
                   ARRAY[lc.code, pc.code, cc.code] AS countries, l.lead_properties AS properties
              FROM crm_lead l
              LEFT JOIN res_partner p ON p.id = l.partner_id
              LEFT JOIN res_country_state s ON s.id = l.state_id
              LEFT JOIN res_country lc ON lc.id = l.country_id
              LEFT JOIN res_country pc ON pc.id = p.country_id
              LEFT JOIN res_company o ON o.id = l.company_id
              LEFT JOIN res_partner op ON op.id = o.partner_id
              LEFT JOIN res_country cc ON cc.id = op.country_id
             WHERE l.id = ANY(%s) AND (l.deleted_at IS NULL OR l.merged_into_id IS NOT NULL)
            """,
            ids,
        )  # fmt: skip

    @api.model
    def _get_partner_query(self, ids: list[int]) -> SQL:
        # Delivery and invoice addresses are places of a contact, not contacts.
        return SQL(
            """
            SELECT p.id, p.company_id, p.email, p.phone,
                   CASE WHEN p.is_company IS NOT TRUE THEN p.name END AS name,
                   CASE WHEN p.is_company THEN p.name
                        ELSE COALESCE(p.commercial_company_name, p.company_name) END AS company,
                   p.street, p.street2, p.zip, p.city, s.code AS state, c.code AS country,
                   ARRAY[c.code, cc.code] AS countries
              FROM res_partner p
              LEFT JOIN res_country_state s ON s.id = p.state_id
              LEFT JOIN res_country c ON c.id = p.country_id
              LEFT JOIN res_company o ON o.id = p.company_id
              LEFT JOIN res_partner op ON op.id = o.partner_id
              LEFT JOIN res_country cc ON cc.id = op.country_id
             WHERE p.id = ANY(%s) AND p.active AND COALESCE(p.type, 'contact') = 'contact'
            """,
            ids,
        )  # fmt: skip
