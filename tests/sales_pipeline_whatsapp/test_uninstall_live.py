"""The leaves come and go without touching what the trunk keeps."""

import pytest

LEAVES = [("sales_pipeline_whatsapp", "pipeline_whatsapp_number"), ("sales_pipeline_voip", "pipeline_call_number")]
CENSUS = """
    SELECT (SELECT count(*) FROM crm_lead), (SELECT count(*) FROM pipeline_customer),
           (SELECT count(*) FROM pipeline_event),
           (SELECT state FROM ir_module_module WHERE name = 'sales_pipeline')
"""


def has_column(server, name):
    query = "SELECT 1 FROM information_schema.columns WHERE table_name = 'res_company' AND column_name = %s"
    return bool(server.sql(query, name))


def count_xmlids(server, module):
    # Translations of terms and the module's own record are not the addon's.
    return server.sql("SELECT count(*) FROM ir_model_data WHERE module = %s", module)[0][0]


@pytest.mark.parametrize(("module", "column"), LEAVES)
def test_leaf_leaves_nothing_behind_and_comes_back(server, module, column):
    with server.env() as env:
        partner = env["res.partner"].create({"name": "Wood Ltd", "is_company": True})
        deal = env["crm.lead"].create({"name": "Planks", "type": "opportunity", "partner_id": partner.id})
        deal.action_set_won()
    before = server.sql(CENSUS)
    assert has_column(server, column)
    server.stop()
    find = f"env['ir.module.module'].search([('name', '=', '{module}')])"
    server.shell(f"{find}.button_immediate_uninstall()")
    assert not has_column(server, column)
    assert count_xmlids(server, module) == 0
    assert server.sql("SELECT state FROM ir_module_module WHERE name = %s", module) == [("uninstalled",)]
    assert server.sql(CENSUS) == before
    server.shell(f"{find}.button_immediate_install()")
    assert has_column(server, column)
    assert server.sql(CENSUS) == before
    server.start()
