"""Works the queue off: takes calls from JetStream, calls functions, reports to callbacks."""
