{
    "name": "Sales Pipeline: WhatsApp",
    "summary": "WhatsApp conversations on leads, deals and customers",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Sales Pipeline contributors",
    "license": "LGPL-3",
    "depends": ["sales_pipeline"],
    "data": [
        "security/groups.xml",
        "views/res_config_settings_views.xml",
    ],
    "installable": True,
}
