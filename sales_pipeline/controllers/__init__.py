from . import capture
from . import embed
from . import portal
from . import api
