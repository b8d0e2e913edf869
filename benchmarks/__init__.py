"""What is measured: ratios within one run, so that the speed of the machine does not matter."""
