"""Several responses to one prompt put in order on one page; each order becomes comparisons of all its pairs."""
