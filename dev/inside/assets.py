"""Compile the scripts and styles of the web client and the portal once, for every copy of the database."""
qweb = env["ir.qweb"]
for bundle in ("web.assets_web", "web.assets_frontend", "web.assets_frontend_lazy", "web.assets_frontend_minimal"):
    qweb._get_asset_bundle(bundle, js=True, css=False).js()
    qweb._get_asset_bundle(bundle, js=False, css=True).css()
env.cr.commit()
