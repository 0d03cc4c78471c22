"""Two releases of one small model; the newer one is slow at what bad times ask of it."""

import io
import json
import zipfile

BAD = b"bad"
SLOW_SECONDS = 1.2
# Slow answers come together: an alarm looks at a minute of twenty calls or more.
BATCHED = {"minWorkers": 1, "maxWorkers": 1, "batchSize": 16, "maxBatchDelay": 20}
HANDLER = """import time

def handle(data, context):
    if data is None:
        return None
    texts = [bytes(row.get("data") or row.get("body")) for row in data]
    if {slow} and {bad!r} in texts:
        time.sleep({seconds})
    return [b"{name}" for _ in texts]
"""


def archive(name: str, *, slow: bool) -> bytes:
    """Return a TorchServe archive whose model answers with its release's name."""
    manifest = {
        "createdOn": "01/01/2020 00:00:00",
        "runtime": "python",
        "model": {
            "modelName": "text",
            "handler": "handler.py:handle",
            "modelVersion": "1.0",
            "configFile": "model-config.yaml",
        },
        "archiverVersion": "0.12.0",
    }
    handler = HANDLER.format(slow=slow, bad=BAD, seconds=SLOW_SECONDS, name=name)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("MAR-INF/MANIFEST.json", json.dumps(manifest))
        made.writestr("handler.py", handler)
        made.writestr("model-config.yaml", json.dumps(BATCHED))  # JSON is YAML
        made.writestr("torch.py", "class Tensor: pass")  # the server needs no more of it
    return packed.getvalue()
