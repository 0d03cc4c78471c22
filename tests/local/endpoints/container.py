"""A container of SageMaker's multi-model contract that does as an archive or a request tells it.

`behaviour.json` in an archive: `load_seconds`. Requests: `exit` ends the container, `sleep SECONDS`
waits, anything else comes back. SLOTS models fit; one more is answered with 507.
"""

import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOADED: set[str] = set()


class Contract(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(200)

    def do_DELETE(self) -> None:
        key = self.path.rsplit("/", 1)[-1]
        self.answer(200 if key in LOADED else 404)
        LOADED.discard(key)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/models":
            self.load(json.loads(body))
        elif self.path.split("/")[2] not in LOADED:
            self.answer(404)
        else:
            self.invoke(body.decode())

    def load(self, order: dict) -> None:
        if len(LOADED) >= int(os.environ["SLOTS"]):
            self.answer(507)
            return
        behaviour = Path(order["url"]) / "behaviour.json"
        time.sleep(json.loads(behaviour.read_text())["load_seconds"])
        LOADED.add(order["model_name"])
        self.answer(200)

    def invoke(self, text: str) -> None:
        if text == "exit":
            os._exit(1)
        if text.startswith("sleep"):
            time.sleep(float(text.split()[1]))
        self.answer(200, text.encode())

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 8080), Contract).serve_forever()
