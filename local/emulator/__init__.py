"""The emulator process: MiniStack with the parts Slipway adds (runs in `.venv-cloud`)."""
