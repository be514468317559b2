"""How a project decides, and how far people agree."""
