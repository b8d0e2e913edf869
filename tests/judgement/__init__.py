"""What the console concludes, case by case, as data."""
