"""Jobs that run to their end: SageMaker Processing and AWS Batch, as processes."""
