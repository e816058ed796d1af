from . import pipeline_attribution
