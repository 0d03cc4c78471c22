"""CodePipeline (V2) that runs pipelines from their deployed definitions."""
