"""What the gateway and the queue-worker agree on: streams, subjects, the form of a queued call."""
