"""Say in words why two contacts may be the same."""

from collections.abc import Iterable

from odoo import api, models

from ...tools.similarity_parts import Reason


class PipelineContact(models.Model):
    _inherit = "pipeline.contact"

    @api.model
    def _describe_reasons(self, reasons: Iterable[Reason]) -> list[str]:
        """Return what speaks for and against, the weightiest first; what says next to nothing is left out."""
        words = self._get_reason_words()
        return [
            words[reason.code] % {"value": reason.value}
            for reason in reasons
            if reason.code in words and abs(reason.bits) >= 1
        ]

    @api.model
    def _get_reason_words(self) -> dict[str, str]:
        """Return a sentence by the code of a reason, ``%(value)s`` for what it is about (door)."""
        return {**self._get_person_words(), **self._get_place_words()}

    @api.model
    def _get_person_words(self) -> dict[str, str]:
        _ = self.env._
        return {
            "email_same": _("Same e-mail address: %(value)s"),
            "email_role_same": _("Same shared mailbox: %(value)s"),
            "email_domain_typo": _("E-mail address whose domain is mistyped: %(value)s"),
            "email_mailbox_same": _("Same name of the mailbox at another provider: %(value)s"),
            "email_typo": _("E-mail address that differs by a typing error: %(value)s"),
            "email_differs": _("Another e-mail address: %(value)s"),
            "phone_same": _("Same phone number: %(value)s"),
            "phone_national": _("Same phone number without its country: %(value)s"),
            "phone_typo": _("Phone number with one other digit: %(value)s"),
            "phone_differs": _("Another phone number: %(value)s"),
            "name_same": _("Same name"),
            "name_swapped": _("Same name, its parts swapped"),
            "name_nickname": _("Short form of the name"),
            "name_typo": _("Name that differs by a typing error"),
            "name_sound": _("Name that sounds alike"),
            "name_initial": _("Same initial"),
            "name_differs": _("Another name"),
            "given_name_differs": _("Another first name"),
            "surname_differs": _("Another last name"),
            "birth_same": _("Same birth date"),
            "birth_typo": _("Birth date that differs by a typing error"),
            "birth_differs": _("Another birth date"),
            "identifier_same": _("Same %(value)s"),
            "identifier_typo": _("One other digit in %(value)s"),
            "identifier_differs": _("Another %(value)s"),
        }

    @api.model
    def _get_place_words(self) -> dict[str, str]:
        _ = self.env._
        return {
            "company_same": _("Same company"),
            "company_similar": _("Company of a similar name"),
            "company_domain": _("Mail from the same company: %(value)s"),
            "company_differs": _("Another company"),
            "place_street": _("Same street"),
            "place_street_differs": _("Another street"),
            "place_house": _("Same house number"),
            "place_house_differs": _("Another house number"),
            "place_zip": _("Same postal code"),
            "place_zip_typo": _("Postal code that differs by a typing error"),
            "place_zip_differs": _("Another postal code"),
            "place_city": _("Same city"),
            "place_city_typo": _("City that differs by a typing error"),
            "place_city_differs": _("Another city"),
            "place_country_differs": _("Another country"),
        }
