"""What a field is called where people meet it: in lists, filters, group by and exports."""

import re

from odoo.tests import new_test_user

from tests.common import PipelineCase

# Words of code, in the label that Odoo makes of a field's name where nobody gave it one.
TECHNICAL = re.compile(r"^(Is|Has|Can|Was) |\b(Url|Html|Utm|Uid|Res)\b| (At|Count)$")


def make_label(name):
    """Return what Odoo calls a field without a label."""
    return re.sub("_ids?$", "", name).replace("_", " ").title()


class TestLabels(PipelineCase):
    def test_no_field_that_people_choose_from_is_called_by_its_technical_name(self):
        user = new_test_user(self.env, "labels", groups="sales_pipeline.group_admin,base.group_system")
        access = self.env["ir.model.access"].with_user(user)
        odd = {
            f"{name}.{field.name}: {field.string}"
            for name, model in self.env.items()
            if not model._abstract and access.check(name, "read", raise_exception=False)
            for field in model._fields.values()
            if (field._module or "").startswith("sales_pipeline")
            and field.string == make_label(field.name) and TECHNICAL.search(field.string)
        }  # fmt: skip
        self.assertTrue(TECHNICAL.search(make_label("is_of_deals")))
        self.assertEqual(sorted(odd), [])
