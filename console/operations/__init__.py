"""What the console does: joins fleet and outside, without a screen."""
