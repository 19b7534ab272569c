"""The node's values and decisions: frozen, and without any I/O."""
