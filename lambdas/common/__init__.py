"""What all functions share: jobs, logs, settings, documents, and a look at what is live."""
