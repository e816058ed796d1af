from . import pipeline_criterion
from . import crm_team
from . import crm_lead
