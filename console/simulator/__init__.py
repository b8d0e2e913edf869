"""A pretend world for the demo, for training and for tests."""
