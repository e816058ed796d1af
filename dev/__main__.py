"""Start one of the commands: `python3 dev run`, `... test`, `... bench`, `... odoo`, `... psql`"""
from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)


def main() -> int:
    """Hand over to the command's module and turn plain failures into one line."""
    from dev import common, machine

    name, *args = sys.argv[1:]
    try:
        machine.check_python()
        if name == "run":
            from dev import run as module
        elif name == "test":
            from dev import test as module
        elif name == "translate":
            from dev import translate as module
        elif name == "bench":
            from dev.benching import main as module
        else:
            from dev import tool as module

            args = [name, *args]
        return module.main(args)
    except common.Fail as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno != 28:
            raise
        print(f"{name}: the disk is full; free some space and start again", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
