from . import pipeline_demo
