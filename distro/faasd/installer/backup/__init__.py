"""What `faasd backup` writes and `faasd restore` reads: a node's state in one encrypted file."""
