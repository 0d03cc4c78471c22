"""Write what a model was asked and answered as SageMaker's Data Capture would, naming the model.

Multi-model endpoints and ECS services have no capture of their own that says which model answered.
A server makes one recorder per model and calls `record`; that costs a request a few microseconds
and never fails it. All else happens on a thread: redaction, JSON, upload.

    recorder = recorder_of(directory, os.environ)      # None where SLIPWAY_CAPTURE is not set
    recorder.record(["definately maby"], ["definitely maybe"], event_id="order-4711")
    recorder.close()                                   # at drain
"""

from serving.runtime.capture.recorder import Counts, Recorder, recorder_of
from serving.runtime.capture.settings import Settings, WrongCapture

__all__ = ["Counts", "Recorder", "Settings", "WrongCapture", "recorder_of"]
