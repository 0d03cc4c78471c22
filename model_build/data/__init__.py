"""Training data: made by our own grammars or derived at run time from installed packages."""
