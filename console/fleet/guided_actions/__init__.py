"""Every guided action, one decorated function for each, in the module of its family."""
