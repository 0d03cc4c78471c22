"""`python -m ops estimate`: what environments cost a month, from their synthesised templates."""
