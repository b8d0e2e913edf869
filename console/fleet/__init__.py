"""What is true: pure values and rules; no network, no screen, no clock."""
