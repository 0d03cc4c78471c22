"""A deployed CloudWatch dashboard as one HTML page: for notes, for mails, for the local cloud."""
