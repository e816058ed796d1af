{
    "name": "Sales Pipeline",
    "summary": "From the first click to the renewal: capture, assign, talk, qualify, quote, get paid, onboard",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Sales Pipeline contributors",
    "license": "LGPL-3",
    "application": False,
    "depends": [
        "crm",
        "sale_management",
        "sale_crm",
        "account",
        "account_payment",
        "payment",
        "calendar",
        "mail",
        "bus",
        "portal",
        "http_routing",
        "phone_validation",
        "utm",
        "link_tracker",
    ],
    "external_dependencies": {"python": ["phonenumbers"]},
    "data": [
        # security
        "security/groups.xml",
        "security/ir.model.access.csv",
        "security/rules.xml",
        # data
        "data/ir_cron_spine.xml",
        # views
        "views/capture/pipeline_inbox_views.xml",
        "views/engagement/pipeline_call_log_views.xml",
        "views/pipeline/pipeline_conversion_override_views.xml",
        # menus
    ],
    "demo": [],
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
