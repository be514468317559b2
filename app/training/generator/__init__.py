"""The model's process: `python -m app.training.generator FOLDER` answers the playground, one ask at a time."""
