"""Write the templates of our addons' words, and bring the translations beside them up to date."""
import io
import json
import os
from pathlib import Path

import polib
from odoo.tools.translate import trans_export

values = json.loads(os.environ["SALES_PIPELINE_VALUES"])


def export(addon):
    """Return the words of an addon as Odoo exports them, without what changes at every export."""
    buffer = io.BytesIO()
    trans_export(None, [addon], buffer, "po", env)
    template = polib.pofile(buffer.getvalue().decode())
    for name in ("POT-Creation-Date", "PO-Revision-Date", "Plural-Forms"):
        template.metadata.pop(name, None)
    template.metadata["Content-Transfer-Encoding"] = "8bit"
    return template


def merge(template, path):
    """Bring one translation up to date: new words come in empty, words that are gone leave."""
    translation = polib.pofile(str(path)) if path.exists() else polib.POFile()
    translation.header = f"Words of {path.parent.parent.name} in the language {path.stem}."
    translation.metadata = {**template.metadata, "Language": path.stem}
    translation.merge(template)
    # polib would keep them as comments
    for entry in translation.obsolete_entries():
        translation.remove(entry)
    translation.save(str(path))
    return len(translation.untranslated_entries())


for addon in values["addons"]:
    folder = Path(values["root"], addon, "i18n")
    folder.mkdir(exist_ok=True)
    words = export(addon)
    words.save(str(folder / f"{addon}.pot"))
    missing = {language: merge(words, folder / f"{language}.po") for language in values["languages"]}
    print("terms", addon, len(words), *(f"{language}:{count}" for language, count in missing.items()))
