"""Base classes of the database tests."""
from odoo.tests import HttpCase, TransactionCase


class PipelineCase(TransactionCase):
    """A test in a transaction that is rolled back."""

    # Odoo fills these in only for classes below odoo.addons and stumbles over their absence
    test_tags = {"standard", "post_install", "sales_pipeline"}
    test_module = "sales_pipeline"


class PipelineHttpCase(HttpCase):
    """A test that speaks HTTP to a server in this process."""

    test_tags = {"standard", "post_install", "sales_pipeline"}
    test_module = "sales_pipeline"
