"""Make labelled contacts leads inside Odoo and ask who is whom; runs in Odoo's process."""
from __future__ import annotations

from typing import Any

BATCH = 500
FIELDS = {"email": "email_from", "phone": "phone", "whatsapp": "whatsapp", "name": "contact_name",
          "company": "partner_name", "street": "street", "street2": "street2", "city": "city", "zip": "zip"}
BIRTH_DATE = "birth_date"


def load(env: Any, rows: list[dict]) -> dict[int, str]:
    """Make a lead of each row, as a list or a form would, and return the labels by lead.

    :param rows: ``label``, ``values`` by what they are, and ``numbers`` by the name of their column
    """
    kinds = {BIRTH_DATE: "birth_date"} if any(row["values"].get(BIRTH_DATE) for row in rows) else {}
    kinds |= {name: "number" for row in rows for name in row["numbers"]}
    team = env["crm.team"].create({"name": "Labelled", "lead_properties_definition": [
        {"name": f"labelled_{place}", "string": name, "type": "char"} for place, name in enumerate(kinds)
    ]})
    env["pipeline.identifier"].create([{"name": name, "kind": kind} for name, kind in kinds.items()])
    columns = {name: f"labelled_{place}" for place, name in enumerate(kinds)}
    every = env["res.country"].search([])
    countries = {text.casefold(): one.id for one in every for text in (one.code, one.name)}
    labels: dict[int, str] = {}
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        leads = env["crm.lead"].with_context(tracking_disable=True).create(
            [prepare(row, team.id, columns, countries) for row in batch]
        )
        labels.update(zip(leads.ids, (row["label"] for row in batch), strict=True))
        env["pipeline.moments.mixin"]._flush_moments()
    env.cr.execute("ANALYZE pipeline_contact, pipeline_contact_key")
    return labels


def prepare(row: dict, team_id: int, columns: dict[str, str], countries: dict[str, int]) -> dict[str, Any]:
    """Return the values of a lead."""
    values = row["values"]
    typed = {**row["numbers"], BIRTH_DATE: values.get(BIRTH_DATE)}
    return {
        **{field: values.get(name) or False for name, field in FIELDS.items()},
        "name": values.get("name") or values.get("company") or row["label"], "type": "lead", "team_id": team_id,
        "country_id": countries.get(values.get("country", "").casefold(), False),
        "lead_properties": {column: typed[name] for name, column in columns.items() if typed.get(name)},
    }


def find_pairs(env: Any, labels: dict[int, str]) -> list[tuple[str, str, str]]:
    """Ask of each lead who else it may be, and return pairs of labels with the answer: same or ask."""
    pairs = {}
    ids = sorted(labels)
    for start in range(0, len(ids), BATCH):
        answers = env["crm.lead"].browse(ids[start : start + BATCH])._find_duplicates()
        for id_, candidates in answers.items():
            for one in candidates:
                if one.res_model == "crm.lead" and one.res_id in labels:
                    pair = tuple(sorted((labels[id_], labels[one.res_id])))
                    pairs[pair] = min(one.kind, pairs.get(pair, one.kind), key=("same", "ask").index)
    return [(one, other, kind) for (one, other), kind in pairs.items()]


def search_pairs(env: Any, labels: dict[int, str]) -> list[tuple[str, str, str]]:
    """Search the base as the nightly job does, and return pairs of labels with the answer: same or ask."""
    runs = env["pipeline.duplicate.run"]
    runs._start_over()
    run = runs._get_run()
    while not run.finished_at:
        run._go_on()
    pairs = env["pipeline.duplicate"].search([("res_model", "=", "crm.lead")])
    return [
        (labels[pair.lead_id.id], labels[pair.res_id], pair.kind) for pair in pairs
        if pair.lead_id.id in labels and pair.res_id in labels
    ]
