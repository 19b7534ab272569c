"""An edge functions distribution: one small machine as an OpenFaaS-compatible node."""
