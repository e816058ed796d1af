from . import raw
from . import dispatcher
from . import ir_http
