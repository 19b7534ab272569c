"""Networks by CNI plugins (spec 0.4.0 and 1.0.0), namespaces by pyroute2."""
