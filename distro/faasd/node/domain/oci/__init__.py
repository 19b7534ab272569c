"""A blueprint as an OCI runtime specification (runtime-spec 1.0.2), pure."""
