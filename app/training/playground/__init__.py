"""The playground, as the site sees it: who is asked, by which way, and how many at once."""
