"""A script of ours on its way to a browser."""

import re

_BLOCK_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*$", re.DOTALL | re.MULTILINE)


def squeeze(source: str) -> str:
    """Return a script without its indentation, blank lines and comments that have lines of their own.

    Only for scripts whose texts do not run over several lines.

    >>> squeeze("/* why */\\nif (a) {\\n    // how\\n    b();\\n}\\n")
    'if (a) {\\nb();\\n}\\n'
    """
    lines = (line.strip() for line in _BLOCK_COMMENT.sub("", source).splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))
