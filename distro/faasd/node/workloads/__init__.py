"""Use cases over the ports: what a node does with images and containers."""
