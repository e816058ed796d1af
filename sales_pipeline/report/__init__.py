from . import pipeline_attribution
from . import pipeline_response
