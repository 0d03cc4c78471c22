"""`python -m ops preflight`: what only an account knows, before a first deployment."""
