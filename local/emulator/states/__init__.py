"""Step Functions' service integrations that MiniStack lacks, under the state machine's own role."""
