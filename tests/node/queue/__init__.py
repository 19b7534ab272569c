"""The queue as it runs: a real NATS, the worker's and a gateway's process, a function."""
