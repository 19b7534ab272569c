"""What `faasd install`, `start`, `stop` and `uninstall` do to a machine."""
