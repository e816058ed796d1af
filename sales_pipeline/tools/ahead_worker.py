"""The program that ``ahead_process`` starts: it runs one iterator and hands over what it yields.

It is handed the task by its standard input and answers by its standard output. It ends when nobody reads any more.
"""

import gc
import pickle
import sys
from importlib import import_module
from traceback import format_exc
from types import ModuleType

# Pieces are many objects without circles: looking for circles among them finds nothing, time after time.
_OBJECTS_BETWEEN_COLLECTIONS = 200_000


def main() -> None:
    """Do what the standard input says."""
    output = sys.stdout.buffer
    # what is printed must not come between the pieces
    sys.stdout = sys.stderr
    try:
        path, packages, patches, task = pickle.load(sys.stdin.buffer)
        sys.path[:] = path
        for name, folders in packages.items():
            package = sys.modules[name] = ModuleType(name)
            package.__path__ = folders
        for name in patches:
            import_module(name)
        function, arguments = pickle.loads(task)
        gc.freeze()
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        for piece in function(**arguments):
            _send(output, "piece", piece)
        _send(output, "end", None)
    except BrokenPipeError:
        # who asked has gone
        return
    except Exception:
        _send(output, "failed", format_exc())


def _send(output, kind: str, content) -> None:
    output.write(pickle.dumps((kind, content), pickle.HIGHEST_PROTOCOL))
    output.flush()


if __name__ == "__main__":
    main()
