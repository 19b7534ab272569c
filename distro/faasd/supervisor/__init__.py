"""`faasd up`: the core services of a docker-compose.yaml as containers, kept running."""
