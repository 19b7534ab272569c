"""Files that the node makes for containers."""
