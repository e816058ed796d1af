from . import pipeline_call_log
from . import pipeline_conversion_override
from . import pipeline_turn_into_lead
from . import crm_lead_to_opportunity
from . import pipeline_new_secret
from . import pipeline_check
from . import pipeline_map_questions
