"""What runs inside the serving containers."""
