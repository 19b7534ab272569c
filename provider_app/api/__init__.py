"""The HTTP API, by blueprint."""
