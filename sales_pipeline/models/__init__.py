# Spines first: they declare what the domains extend. Then the domains, in the order a lead travels.
from . import moments
from . import pipeline_event_detail
from . import pipeline_event
from . import pipeline_lane_mixin
from . import pipeline_outbox
from . import pipeline_inbox
from . import crm_stage
from . import crm_lead
from . import sale_order
from . import payment_transaction
from . import res_partner
from . import res_device_log
from . import capture
from . import engagement
from . import pipeline
from . import quoting
from . import customer
