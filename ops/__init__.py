"""The operator's side: what is live, and reports of it. Talks to AWS through boto3 alone."""
