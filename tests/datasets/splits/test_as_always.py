"""What a manifest says of how its rows were split still splits them so, whatever release is asked a year later.

Where a change of the method is meant, its name or a parameter changes with it (`METHOD`, `parameters`), and then the
three values here: all at once, never one of them alone.
"""

import hashlib
import json

from app.core.near_join import clusters
from app.datasets.models import Split
from app.datasets.splits.settling import METHOD, Placed, parameters, settle, settled_digest
from tests.datasets.splits.test_splits import alone

NAME = "8870243c686ac30871cd325c0fda65c183018ddb385d7715550f856f62ae4b7a"
SPLITS = "d8187642095d34f956112635ae3140369fa9b1bd41028f70d11e86aa3d017324"
ASKED = {
    "What is the capital of France?": 1,
    "What is the capital of Italy?": 2,
    "what's the capital of France": 1,
    "Tell me how to bake bread at home": 4,
    "How do I bake bread at home?": 4,
    "Write a poem about autumn leaves": 6,
    "Write a poem about the autumn leaves": 6,
    "C++ or C#?": 8,
    "C# or C++?": 8,
    "写一首关于秋天的诗": 10,
    "请写一首关于秋天的诗": 10,
}


def test_a_method_of_this_name_makes_the_clusters_and_splits_that_it_always_made() -> None:
    told = hashlib.sha256((METHOD + json.dumps(parameters("7"), sort_keys=True)).encode()).hexdigest()
    prompts = alone(60) + alone(25, "Plan", first=61) + [Placed(number, 1, "Explain") for number in range(90, 94)]
    prompts += [Placed(100, 100, "Plan", 3), Placed(101, 101, "Plan", 2, held_out=True)]
    settled = settle(prompts, {2: Split.TEST, 70: Split.VALIDATION, 71: Split.TRAIN}, "7")
    assert clusters(enumerate(ASKED, 1)) == dict(enumerate(ASKED.values(), 1))
    assert (told, settled_digest(settled)) == (NAME, SPLITS)
