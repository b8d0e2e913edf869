"""The same facts without a screen: one file for each command group."""
