from odoo import models
from odoo.tools import SQL


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_country_code(self) -> str | None:
        """Return the code of the company's country; the field itself reads all of the company and of its contact."""
        self.ensure_one()
        self.env["res.partner"].flush_model(["country_id", "type"])
        rows = self.env.execute_query(SQL(
            """
            SELECT country.code FROM res_company company
              JOIN res_partner partner ON partner.id = company.partner_id AND partner.type = 'contact'
              LEFT JOIN res_country country ON country.id = partner.country_id
             WHERE company.id = %s
            """,
            self.id,
        ))  # fmt: skip
        # A contact that is itself an address of another kind may have its address below.
        return (rows[0][0] if rows else self.country_id.code) or None
