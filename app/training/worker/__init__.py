"""The training worker: a process that reads a run's folder, fine-tunes, measures, and writes the folder."""
