from . import raw
