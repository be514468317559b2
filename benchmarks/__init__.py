"""What things cost, as a ratio to a yardstick measured in the same run. Prints tables; never asserts a time."""
