from . import capture
from . import portal
