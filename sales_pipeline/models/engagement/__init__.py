from . import mail_activity_type
from . import mail_activity
from . import crm_lead
from . import pipeline_event
