"""How much of a person's text stands in the model's? chrF2, from 0 to 100. Pure.

M. Popović: "chrF: character n-gram F-score for automatic MT evaluation" (WMT 2015), with n-grams of up to 6 characters,
white space left out, and recall counted twice (beta 2). Averages go over the lengths that both texts have, as in
sacrebleu, whose figures the tests hold this against (M. Post: "A Call for Clarity in Reporting BLEU Scores", 2018).
"""

from collections import Counter

LONGEST, BETA = 6, 2


def chrf(said: str, human: str) -> float:
    """Overlap of one answer with one human response. 0 where they share nothing or one is empty."""
    precisions, recalls = [], []
    for length in range(1, LONGEST + 1):
        mine, theirs = _ngrams(said, length), _ngrams(human, length)
        if mine and theirs:
            shared = (mine & theirs).total()
            precisions.append(shared / mine.total())
            recalls.append(shared / theirs.total())
    precision, recall = sum(precisions), sum(recalls)
    if not precision + recall:
        return 0.0
    orders, weight = len(precisions), BETA**2
    return 100 * (1 + weight) * precision * recall / (weight * precision + recall) / orders


def _ngrams(text: str, length: int) -> Counter[str]:
    bare = "".join(text.split())
    return Counter(bare[at : at + length] for at in range(len(bare) - length + 1))
