"""What is declared, and the typed documents that every step gives the next.

Imports nothing of ours. `digest`, `envelope`, `artifact`, `plan` and `release` use the standard
library alone, so that a Lambda carries them without wheels; `spec` and `environment` parse YAML
with pydantic.
"""
