"""Use cases of the provider, on the store and the node."""
