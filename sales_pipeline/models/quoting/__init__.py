from . import sale_order
from . import sale_order_course
from . import crm_lead
from . import pipeline_event
from . import api_quote
from . import pipeline_outbox
