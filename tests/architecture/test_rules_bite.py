"""Each rule catches a planted breach, and lets its honest neighbour pass."""
from pathlib import Path

import pytest

from tests.architecture import rules

CORE = "sales_pipeline"
WHATSAPP, VOIP = f"{CORE}_whatsapp", f"{CORE}_voip"
MACHINE = "/ho" + "me/someone/leads.csv"
RECORD = '<odoo><record id="{}" model="{}">{}</record></odoo>'


def extension(body: str, model: str = "crm.lead") -> str:
    return f'class Extension(models.Model):\n    _inherit = "{model}"\n{body}'


def model(body: str, name: str = "pipeline.thing") -> str:
    return f'class Thing(models.Model):\n    _name = "{name}"\n{body}'


def method(name: str, docstring: str = "") -> str:
    return f'    def {name}(self):\n        """{docstring}"""\n'


def manifest(**values) -> str:
    return repr({"depends": [], **values})


def long_function(lines: int) -> str:
    return "def act():\n" + "    pass\n" * (lines - 1)


def view(xml_id: str, subject: str = "crm.lead", more: str = "") -> str:
    return RECORD.format(xml_id, "ir.ui.view", f'<field name="model">{subject}</field>{more}')


INHERITS = '<field name="inherit_id" ref="crm.crm_lead_view_form"/>'
ACCESS = "id,name,model_id:id,group_id:id,perm_read\n{},a,model_pipeline_thing,base.group_user,1\n"

# rule -> files of a breach, one breach each
BREACHES = [
    (rules.check_rings, {f"{CORE}/tools/phone.py": "from ..models import locks"}),
    (rules.check_rings, {f"{CORE}/tools/phone.py": "from ..providers.capture import base"}),
    (rules.check_rings, {f"{CORE}/tools/phone.py": "def act():\n    from odoo.tools import SQL"}),
    (rules.check_rings, {f"{CORE}/tools/phone.py": "import odoo"}),
    (rules.check_rings, {f"{CORE}/providers/capture/google.py": "from odoo import models"}),
    (rules.check_rings, {f"{CORE}/providers/capture/google.py": "from ...models.capture import crm_lead"}),
    (rules.check_rings, {f"{CORE}/models/crm_lead.py": "from ..controllers import capture"}),
    (rules.check_rings, {f"{CORE}/models/capture/crm_lead.py": "from ...wizards import pipeline_call_log"}),
    (rules.check_rings, {f"{CORE}/const.py": "from .tools import phone"}),
    (rules.check_rings, {f"{WHATSAPP}/tools/text.py": f"from odoo.addons.{CORE}.models import locks"}),
    (rules.check_rings, {f"{WHATSAPP}/tools/text.py": "from odoo.addons.mail import tools"}),
    (rules.check_http_clients, {f"{CORE}/providers/capture/google.py": "import requests"}),
    (rules.check_http_clients, {f"{CORE}/models/crm_lead.py": "from urllib.request import urlopen"}),
    (rules.check_http_clients, {f"{WHATSAPP}/models/message.py": "import httpx"}),
    (rules.check_addons, {f"{CORE}/models/crm_lead.py": f"from odoo.addons.{WHATSAPP}.tools import text"}),
    (rules.check_addons, {f"{VOIP}/models/call.py": f"from odoo.addons.{WHATSAPP} import tools"}),
    (rules.check_addons, {f"{VOIP}/models/call.py": f"import odoo.addons.{WHATSAPP}.tools.text"}),
    (rules.check_addons, {f"{CORE}/__manifest__.py": manifest(depends=["crm", VOIP])}),
    (rules.check_domains, {f"{CORE}/models/quoting/sale_order.py": "from ..capture import crm_lead"}),
    (rules.check_domains, {f"{CORE}/models/quoting/sale_order.py": "from .. import capture"}),
    (rules.check_domains, {f"{CORE}/models/quoting/sale_order.py": f"import odoo.addons.{CORE}.models.customer"}),
    (rules.check_domains, {f"{CORE}/models/crm_lead.py": "from .capture.pipeline_touch import PipelineTouch"}),
    (rules.check_orm_verbs, {f"{CORE}/models/capture/crm_lead.py": extension(method("create"))}),
    (rules.check_orm_verbs, {f"{CORE}/models/capture/crm_lead.py": extension(method("write"))}),
    (rules.check_orm_verbs, {f"{CORE}/wizards/merge.py": extension(method("unlink"), "base.partner.merge")}),
    (rules.check_single_definitions, {
        f"{CORE}/models/crm_lead.py": extension(method("_score")),
        f"{CORE}/models/capture/crm_lead.py": extension(method("_score")),
    }),
    (rules.check_single_definitions, {
        f"{CORE}/models/capture/crm_lead.py": extension("    uuid = fields.Char()\n"),
        f"{CORE}/models/quoting/crm_lead.py": extension("    uuid = fields.Char()\n"),
    }),
    (rules.check_single_definitions, {
        f"{CORE}/models/capture/crm_lead.py": extension('    _once = models.UniqueIndex("(uuid)")\n'),
        f"{CORE}/models/quoting/crm_lead.py": extension('    _once = models.UniqueIndex("(name)")\n'),
    }),
    (rules.check_file_sizes, {f"{CORE}/models/crm_lead.py": "x = 1\n" * 301}),
    (rules.check_file_sizes, {f"{CORE}/static/src/core/board.js": "let x;\n" * 301}),
    (rules.check_file_sizes, {"bin/run": "true\n" * 301}),
    (rules.check_function_sizes, {f"{CORE}/tools/phone.py": long_function(41)}),
    (rules.check_function_sizes, {"dev/venv.py": long_function(41)}),
    (rules.check_manifests, {f"{CORE}/__manifest__.py": manifest(), f"{CORE}/views/capture/a.xml": "<odoo/>"}),
    (rules.check_manifests, {f"{CORE}/__manifest__.py": manifest(), f"{CORE}/demo/leads.xml": "<odoo/>"}),
    (rules.check_manifests, {f"{CORE}/__manifest__.py": manifest(data=["data/gone.xml"])}),
    (rules.check_manifests, {
        f"{CORE}/__manifest__.py": manifest(data=["data/a.xml", "data/a.xml"]), f"{CORE}/data/a.xml": "<odoo/>",
    }),
    (rules.check_assets, {f"{CORE}/__manifest__.py": manifest(), f"{CORE}/static/src/core/board.js": ""}),
    (rules.check_assets, {f"{CORE}/__manifest__.py": manifest(assets={"web.assets": [f"{CORE}/static/src/**/*.js"]})}),
    (rules.check_xml_ids, {f"{CORE}/views/a.xml": view("view_crm_lead_form")}),
    (rules.check_xml_ids, {f"{CORE}/views/a.xml": view("sale_order_view_form")}),
    (rules.check_xml_ids, {f"{CORE}/views/a.xml": view("crm_lead_view_form", more=INHERITS)}),
    (rules.check_xml_ids, {f"{CORE}/views/a.xml": view("crm_lead_view_form_inherit_elsewhere", more=INHERITS)}),
    (rules.check_xml_ids, {f"{CORE}/views/a.xml": RECORD.format(
        "action_things", "ir.actions.act_window", '<field name="res_model">pipeline.thing</field>')}),
    (rules.check_xml_ids, {f"{CORE}/views/a.xml": '<odoo><menuitem id="menu_things"/></odoo>'}),
    (rules.check_xml_ids, {f"{CORE}/views/a.xml": '<odoo><menuitem id="a_menu"><menuitem id="b"/></menuitem></odoo>'}),
    (rules.check_xml_ids, {f"{CORE}/security/a.xml": RECORD.format(
        "pipeline_thing_rule_own", "ir.rule", '<field name="model_id" ref="crm.model_crm_lead"/>')}),
    (rules.check_xml_ids, {f"{CORE}/security/a.xml": RECORD.format("rep", "res.groups", "")}),
    (rules.check_xml_ids, {f"{CORE}/security/a.xml": RECORD.format("sales", "res.groups.privilege", "")}),
    (rules.check_xml_ids, {f"{CORE}/data/a.xml": RECORD.format("cron_drain_inbox", "ir.cron", "")}),
    (rules.check_xml_ids, {f"{CORE}/data/a.xml": RECORD.format("welcome_mail", "mail.template", "")}),
    (rules.check_xml_ids, {f"{CORE}/security/ir.model.access.csv": ACCESS.format("access_other_user")}),
    (rules.check_single_ids, {f"{CORE}/data/a.xml": RECORD.format("a", "x", ""), f"{CORE}/views/b.xml": view("a")}),
    (rules.check_single_ids, {f"{CORE}/data/a.xml": view("a"), f"{CORE}/views/b.xml": view("a")}),
    (rules.check_single_ids, {f"{CORE}/data/a.xml": f'<odoo><menuitem id="a"/><menuitem id="{CORE}.a"/></odoo>'}),
    (rules.check_foreign_records, {f"{CORE}/data/a.xml": RECORD.format("crm.stage_lead1", "crm.stage", "")}),
    (rules.check_sql, {f"{CORE}/models/x.py": "self.env.cr.execute(f'SELECT {name}')"}),
    (rules.check_sql, {f"{CORE}/models/x.py": "cr.execute('SELECT %s' % name)"}),
    (rules.check_sql, {f"{CORE}/models/x.py": "cr.execute('SELECT ' + name)"}),
    (rules.check_sql, {f"{CORE}/models/x.py": "cr.execute('SELECT {}'.format(name))"}),
    (rules.check_sql, {f"{CORE}/models/x.py": "cr.execute('SELECT %s', (name,))"}),
    (rules.check_sql, {f"{CORE}/models/x.py": "query = f'SELECT {name}'\ncr.execute(query)"}),
    (rules.check_sql, {f"{CORE}/hooks.py": "cr.execute(SQL(f'SELECT {name}'))"}),
    (rules.check_prints, {f"{CORE}/models/x.py": "def act():\n    print(1)"}),
    (rules.check_logging, {f"{CORE}/models/x.py": "_logger.info(f'lead {lead}')"}),
    (rules.check_logging, {f"{CORE}/models/x.py": "_logger.info('lead %s' % lead)"}),
    (rules.check_logging, {f"{CORE}/models/x.py": "logging.getLogger(__name__).error('lead {}'.format(lead))"}),
    (rules.check_machine_paths, {"README.md": f"Look at {MACHINE}."}),
    (rules.check_machine_paths, {".ci/run": f"cat {MACHINE}"}),
]  # fmt: skip

# rule -> files that come near a breach and are none
HONEST = [
    (rules.check_rings, {f"{CORE}/tools/phone.py": "import phonenumbers\nfrom .. import const\nfrom . import text"}),
    (rules.check_rings, {f"{CORE}/providers/capture/google.py": "from ...tools import json_body\nfrom .base import X"}),
    (rules.check_rings, {f"{CORE}/controllers/capture.py": "from odoo import http\nfrom ..rest.raw import x"}),
    (rules.check_rings, {f"{WHATSAPP}/tools/text.py": f"from odoo.addons.{CORE}.tools.phone import to_e164"}),
    (rules.check_http_clients, {f"{CORE}/providers/http.py": "import requests"}),
    (rules.check_http_clients, {f"{CORE}/tools/links.py": "from urllib.parse import urlsplit"}),
    (rules.check_addons, {f"{VOIP}/models/call.py": f"from odoo.addons.{CORE}.models import locks"}),
    (rules.check_addons, {f"{VOIP}/__manifest__.py": manifest(depends=[CORE])}),
    (rules.check_domains, {f"{CORE}/models/quoting/sale_order.py": "from ..locks import key_lock\nfrom . import x"}),
    (rules.check_domains, {f"{CORE}/models/quoting/sale_order.py": "from ...providers.capture import base"}),
    (rules.check_domains, {f"{CORE}/models/__init__.py": "from . import crm_lead, capture"}),
    (rules.check_orm_verbs, {f"{CORE}/models/crm_lead.py": extension(method("create") + method("write"))}),
    (rules.check_orm_verbs, {f"{CORE}/models/customer/pipeline_thing.py": model(method("write"))}),
    (rules.check_orm_verbs, {f"{CORE}/models/capture/crm_lead.py": extension(method("_write_values"))}),
    (rules.check_single_definitions, {
        f"{CORE}/models/crm_lead.py": extension(method("_on_won") + method("_tell", "Say it (door).")),
        f"{CORE}/models/capture/crm_lead.py": extension(method("_on_won") + method("_tell") + method("_get_domain")),
    }),
    (rules.check_single_definitions, {
        f"{CORE}/models/thing.py": model("    # ---- doors\n\n" + method("_perform")),
        f"{CORE}/models/capture/thing.py": extension(method("_perform"), "pipeline.thing"),
    }),
    (rules.check_single_definitions, {
        f"{CORE}/models/a.py": model("    kind = fields.Selection([])\n"),
        f"{CORE}/models/capture/a.py": extension("    kind = fields.Selection(selection_add=[])\n", "pipeline.thing"),
    }),
    (rules.check_single_definitions, {
        f"{CORE}/models/crm_lead.py": extension(method("_score")),
        f"{CORE}/models/sale_order.py": extension(method("_score"), "sale.order"),
        f"{VOIP}/models/crm_lead.py": extension(method("_score")),
    }),
    (rules.check_file_sizes, {f"{CORE}/static/lib/big.js": "x;\n" * 900, f"{CORE}/models/x.py": "x = 1\n" * 300}),
    (rules.check_function_sizes, {f"{CORE}/tools/phone.py": long_function(40), "tests/test_x.py": long_function(90)}),
    (rules.check_manifests, {
        f"{CORE}/__manifest__.py": manifest(data=["data/a.xml"]), f"{CORE}/data/a.xml": "<odoo/>",
    }),
    (rules.check_assets, {
        f"{CORE}/__manifest__.py": manifest(assets={"web.assets": [f"{CORE}/static/src/**/*.js"]}),
        f"{CORE}/static/src/core/board.js": "",
    }),
    (rules.check_xml_ids, {f"{CORE}/views/a.xml": view("crm_lead_view_form_quick_create")}),
    (rules.check_xml_ids, {f"{CORE}/views/a.xml": view("crm_lead_view_form_inherit_quoting", more=INHERITS)}),
    (rules.check_xml_ids, {f"{CORE}/security/ir.model.access.csv": ACCESS.format("access_pipeline_thing_user")}),
    (rules.check_single_ids, {f"{CORE}/data/a.xml": view("a"), f"{VOIP}/data/a.xml": view("a")}),
    (rules.check_single_ids, {
        f"{CORE}/data/a.xml": view("a"), f"{CORE}/views/b.xml": RECORD.format("a", "ir.ui.view", INHERITS),
    }),
    (rules.check_foreign_records, {f"{CORE}/data/a.xml": RECORD.format(f"{CORE}.stage", "crm.stage", "")}),
    (rules.check_foreign_records, {f"{CORE}/demo/a.xml": RECORD.format("base.user_demo", "res.users", "")}),
    (rules.check_sql, {f"{CORE}/models/x.py": "cr.execute(SQL('%s', x))\ncr.execute('SELECT 1')\nwizard.execute()"}),
    (rules.check_prints, {f"{CORE}/cli/import.py": "print(1)", f"{CORE}/models/x.py": "self.print_report()"}),
    (rules.check_logging, {f"{CORE}/models/x.py": "_logger.info('lead %s', lead.id)\nself.info(f'{x}')"}),
    (rules.check_machine_paths, {"README.md": f"/usr/lib/odoo, https://example.com{MACHINE}, $ROOT{MACHINE}"}),
]  # fmt: skip


def plant(root: Path, texts: dict[str, str]) -> Path:
    for place, text in texts.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def name(value) -> str:
    return value.__name__ if callable(value) else ""


@pytest.mark.parametrize(("rule", "texts"), BREACHES, ids=name)
def test_a_planted_breach_is_found_and_named(rule, texts, tmp_path):
    breaches = rule(plant(tmp_path, texts))
    assert len(breaches) == 1, breaches
    assert any(place in breaches[0] or place.split("/")[0] in breaches[0] for place in texts)


@pytest.mark.parametrize(("rule", "texts"), HONEST, ids=name)
def test_what_only_looks_like_a_breach_passes(rule, texts, tmp_path):
    assert rule(plant(tmp_path, texts)) == []


def test_every_rule_has_both_a_planted_breach_and_an_honest_neighbour():
    assert {rule for rule, _texts in BREACHES} == {rule for rule, _texts in HONEST} == set(rules.RULES)
