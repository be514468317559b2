"""What the model is asked, and how far each prompt has come."""
