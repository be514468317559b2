"""Can runs be trained here? Nobody need train, so that it is told and breaks nothing."""

from app.core.settings import Settings
from app.insights.doctor import Check, Result
from app.training.fit import obstacles

TRAINABLE = Check("runs-can-be-trained", "What trains runs is where the settings say, and answers.", is_grave=False)


def examine_training(settings: Settings) -> Result:
    """The question, asked of this machine or of the cluster."""
    found = obstacles(settings)
    return Result(TRAINABLE, found, len(found))
