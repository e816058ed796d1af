from . import pipeline_source
from . import pipeline_import
from . import pipeline_touch
from . import crm_team
from . import pipeline_capture_lookup
from . import crm_lead
from . import manual_entry
from . import pipeline_inbox
