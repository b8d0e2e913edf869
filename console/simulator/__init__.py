"""A pretend world: a fleet that lives, and a GitHub that answers out of it."""
