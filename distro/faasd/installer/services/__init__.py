"""Who keeps our programs running: systemd, or runit where systemd is not in charge."""
