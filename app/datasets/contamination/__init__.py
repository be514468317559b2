"""What of a version stands in files that it is to be measured by."""
