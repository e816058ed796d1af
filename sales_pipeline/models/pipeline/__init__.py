from . import pipeline_criterion
from . import crm_team
from . import crm_lead
from . import crm_lead_statuses
from . import pipeline_bulk
from . import pipeline_bulk_item
from . import api_close
from . import crm_lead_scoring
