{
    "name": "Dark Screens",
    "summary": "For tests: what add-ons that darken Odoo's Community edition do",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["web"],
    "assets": {"web.assets_web_dark": [("prepend", "dark_screens/static/palette.scss")]},
}
