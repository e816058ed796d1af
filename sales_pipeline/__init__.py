# The dispatcher registers the type of the routes that the controllers declare.
from . import rest
from . import schemas
from . import controllers
from . import models
from . import wizards
from . import report
from . import demo
from .hooks import post_init_hook, pre_init_hook, uninstall_hook
