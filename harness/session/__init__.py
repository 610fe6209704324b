"""What happens in a session of pytest: options, items, results; the hooks are in `plugin`."""
