"""Lets functions that nobody calls sleep, and gives busy ones more replicas; docs/scaling.md."""
