"""Which rows are trained on, which are held out, and how a project asks for that."""
