"""Questions that resemble no other, as many as a test needs."""

WORDS = (
    "river",
    "lantern",
    "copper",
    "meadow",
    "thunder",
    "violin",
    "harbour",
    "saffron",
    "glacier",
    "pepper",
    "marble",
)


def question(number: int) -> str:
    """The question of this number."""
    first, second = WORDS[number % len(WORDS)], WORDS[number // len(WORDS) % len(WORDS)]
    return f"Number {number}: how do {first} and {second} go together, {'x' * (number % 7)}{number * 7919}?"
