"""Images from registries and archives, fetched by skopeo (containers/skopeo, Debian's 1.9)."""
