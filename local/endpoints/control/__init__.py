"""The records of SageMaker: what is created, described, listed, updated and deleted."""
