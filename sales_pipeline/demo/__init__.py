from . import pipeline_demo
from . import pipeline_demo_response
