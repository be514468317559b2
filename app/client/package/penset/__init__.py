"""What a program imports to speak with a Penset site: `from penset.client import Penset`."""
