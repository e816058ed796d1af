"""Undo on a test database what installing us switched on, so that Odoo's own tests meet the defaults they speak of.

With leads switched on Odoo's salespeople create leads instead of opportunities, with quote templates on their order
forms show another field: Odoo's tests fail at that on any database where a person switches these on.
"""
settings = {"group_use_lead": False, "group_sale_order_template": False}
env["res.config.settings"].create(settings).execute()
# Odoo asks whether what was merged away is gone; where merges can be undone it is kept.
env["ir.config_parameter"].set_param("sales_pipeline.merge_undo_days", "0")
env.cr.commit()
