"""The command ``odoo sales_pipeline``: what an administrator does from a terminal."""

import argparse
import sys
from pathlib import Path

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config


class SalesPipeline(Command):
    """Work with the sales pipeline: import lists of leads."""

    name = "sales_pipeline"

    def run(self, args: list[str]) -> None:
        options = self._parse(args)
        database = self._get_database()
        try:
            content = Path(options.file).read_bytes()
            mapping = Path(options.mapping).read_bytes() if options.mapping else None
        except OSError as error:
            sys.exit(f"{error.filename} cannot be read: {error.strerror}.")
        with Registry(database).cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
            if "pipeline.import" not in env:
                sys.exit(f"The addon sales_pipeline is not installed in the database {database}.")
            self._import(env, options.file, content, mapping)

    def _parse(self, args: list[str]) -> argparse.Namespace:
        # Odoo's own parser reads its options; only the words of this command are ours.
        parser = argparse.ArgumentParser(prog=self.prog, description=self.__doc__)
        commands = parser.add_subparsers(dest="command", required=True)
        importing = commands.add_parser("import", help="import a list of leads")
        importing.add_argument("file", help="CSV file or spreadsheet with a header")
        importing.add_argument("--mapping", help="JSON file: which column is what")
        importing.add_argument("-c", "--config", help="configuration file of Odoo")
        importing.add_argument("-d", "--database", help="name of the database")
        options, rest = parser.parse_known_args(args)
        pairs = (("-c", options.config), ("-d", options.database))
        quiet = [] if any(word.startswith("--log") for word in rest) else ["--log-level=warn"]
        config.parse_config([*quiet, *rest, *(word for pair in pairs if pair[1] for word in pair)], setup_logging=True)
        return options

    def _get_database(self) -> str:
        names = config["db_name"]
        if len(names) != 1:
            sys.exit("Name one database with -d.")
        return names[0]

    def _import(self, env: Environment, path: str, content: bytes, mapping: bytes | None) -> None:
        model, name = env["pipeline.import"], Path(path).name
        _say(f"Importing {name}")
        try:
            report = model._import_file(name, content, mapping, tell=lambda text: _say(f"  {text}"))
        except UserError as error:
            sys.exit(f"{path} was not imported: {error.args[0]}")
        _say("\n".join(model._format_report(report)))
        if report["unexplained_count"]:
            sys.exit("Some rows are unexplained; please report this.")


def _say(text: str) -> None:
    # Whoever pipes the output elsewhere still sees the progress as it happens.
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
