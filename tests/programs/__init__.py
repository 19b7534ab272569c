"""Small programs as container images, made on the spot: what containers of the tests run."""
