"""What a dataset takes: a rule as data, in words, in SQL, tried before it is kept, with its history."""
