"""Each check tells what it is for, and leaves alone what people wrote: false alarms on the demo's texts are counted."""

from collections import Counter

import pytest

from app.demo.texts import load
from app.projects.models import HintName
from app.prompts.models import Compared
from app.writing.checks import OF_A_PROMPT, OF_A_RESPONSE, OF_A_TURN, Context, Lengths, Like, look_at
from app.writing.checks.personal import is_card, is_iban
from tests.writing import work

LENGTHS = Lengths(counted=40, lower=200, upper=400)


def said(*turns: str, context: Context | None = None) -> list[str]:
    found = look_at(work.turns(*turns), context or Context())
    return [one.sentence for one in found]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Write to ann.writer+x@firm.co.uk", "an e-mail address"),
        ("Ring +49 30 1234567", "a phone number"),
        ("Ring (212) 555-0187 now", "a phone number"),
        ("Ring 030 1234567", "a phone number"),
        ("Ring 06 12 34 56 78", "a phone number"),
        ("Ring 0049 30 1234567", "a phone number"),
        ("Ring +1 212 555 0187", "a phone number"),
        ("Ring +1 212 555 0187 24 hours a day", "a phone number"),
        ("Ring 01 42 68 53 00", "a phone number"),
        ("Write to github@firm.png.org", "an e-mail address"),
        ("Pay with 4111 1111 1111 1111", "a card number"),
        ("Pay to DE89 3704 0044 0532 0130 00 BY FRIDAY", "an account number"),
        ("Pay to GB82WEST12345698765432.", "an account number"),
        ("```python\nprint(1)\n", "A code block is opened with ```"),
        ("~~~~\nx\n~~~\n", "A code block is opened with ~~~~"),
        ("```\nx\n``` y\n", "A code block is opened"),
        ("As an AI language model, I cannot say.", "“As an AI language model” is a phrase"),
        ("I'm just an AI.", "is a phrase that models are known for"),
        ("Als KI-Sprachmodell kann ich das nicht.", "is a phrase that models are known for"),
    ],
)
def test_each_fact_is_named_with_its_reason(text: str, words: str) -> None:
    assert any(words in sentence for sentence in said(text))


@pytest.mark.parametrize(
    "text",
    [
        "In 2026 it was 1,234.5 km, twice.",
        "```\nx\n```\n",
        "````\n```\n````\n",
        "Write `` `code` `` or ```x``` in a line.",
        "What Python takes for a line end is none in Markdown:\u2028```\x0c~~~\x0b~~~~",
        "```\r\nx\r\n```\r\n~~~\rx\r~~~",
        "a @ b, user@host, ann@example.org",
        "1 2 3 4 5",
        "3.14159265358979 is pi",
        "ISBN 978-3-16-148410-0, 2026-11-24 18:00, 10.0.0.12",
        "Ring +99 9999 99999 or +1 000 000 0000 or +280 1234 5678",
        "git clone git@github.com:ann/poems.git, ssh git@git.firm.org",
        "Draw icon@2x.png and photo@3x.webp, read settings@package.json",
        "01 02 03 04 05, and 05 10 15 20 25 in steps of five",
        "0101 0101 0101 and 0110 1001 0011 in twos",
        "+1 234 567 890 dollars, +1234567890",
        "The order 4111 1111 1111 1112 and AB12 3456 7890 1234 5678",
        "An AI wrote it, not I. Language models are models of language.",
    ],
)
def test_what_is_ordinary_is_not_remarked_on(text: str) -> None:
    assert said(text) == []


def test_the_place_of_a_finding_is_its_turn() -> None:
    [found] = look_at(work.turns("Yes.", "Who knows?", "Ask ann@firm.org."), Context())
    assert (found.check, found.place) == (HintName.PERSONAL, "/messages/2/content")


def test_what_the_writer_lets_the_user_say_is_looked_at_for_personal_data() -> None:
    [found] = look_at(work.turns("Yes.", "Mine is 4111 1111 1111 1111.", "Thanks."), Context())
    assert (found.check, found.place) == (HintName.PERSONAL, "/messages/1/content")


def test_a_pair_answers_for_its_prompt_too() -> None:
    context = Context(question="Who is ann@firm.org?")
    assert said("Nobody.", context=context) == []
    asked = [{"role": "system", "content": "Pay to DE89370400440532013000."}, {"role": "user", "content": "Who?"}]
    found = look_at(work.turns("Nobody."), context, own_prompt=asked)
    assert [one.place for one in found] == ["/prompt", "/prompt_messages/0/content"]


@pytest.mark.parametrize(
    ("length", "words"), [(2000, "Much longer"), (40, "Much shorter"), (300, ""), (90, ""), (900, "")]
)
def test_a_length_far_from_what_was_approved_is_told_with_numbers(length: int, words: str) -> None:
    found = said("x" * length, context=Context(lengths=LENGTHS))
    assert [words in sentence and "200 to 400" in sentence for sentence in found] == ([True] if words else [])


def test_few_approved_responses_say_nothing_of_length() -> None:
    assert said("x", context=Context(lengths=Lengths(counted=19, lower=200, upper=400))) == []


def test_while_somebody_types_nothing_is_too_short_or_open_yet() -> None:
    typing = Context(lengths=LENGTHS, limits=(20, 1000), typing=True)
    assert said("```\nx", context=typing) == []
    assert len(said("x" * 1001, context=typing)) == 1


def test_the_projects_limits_come_first() -> None:
    assert said("xx", context=Context(limits=(20, 100))) == ["At least 20 characters are asked for."]
    assert said("x" * 101, context=Context(limits=(20, 100))) == ["101 characters; the limit is 100."]


@pytest.mark.parametrize(
    ("question", "language", "text", "remarked"),
    [
        ("Why is the sky blue?", "en", "Потому что воздух рассеивает свет.", True),
        ("空はなぜ青いの？", "ja", "Because air scatters short waves of light.", True),
        ("Почему небо голубое?", "ru", "Потому что воздух рассеивает свет.", False),
        ("空はなぜ青いの？", "en", "空気が短い波長の光をより多く散乱させるからで、夕方は赤く見えます。", False),
        ("Translate to Russian: air scatters light", "en", "Потому что воздух рассеивает свет.", False),
        ("Wie sagt man доброе утро?", "de", "Доброе утро говорят по утрам всем людям.", False),
        ("Why?", "en", "Ну да.", False),
        ("Print it", "en", "```\nПотому что воздух рассеивает свет.\n```", False),
    ],
)
def test_other_letters_than_the_prompts_are_remarked_on(
    question: str, language: str, text: str, remarked: bool
) -> None:
    assert bool(said(text, context=Context(question=question, language=language))) is remarked


def test_what_is_much_like_it_comes_with_the_finding() -> None:
    like = [Like(Compared.RESPONSE, 7), Like(Compared.PROMPT, 9)]
    [found] = look_at(work.turns("Yes."), Context(like=like))
    assert (found.check, found.like) == (HintName.NEAR, [like[0]])


@pytest.mark.parametrize(
    ("digits", "card"), [("4111111111111111", True), ("4111111111111112", False), ("0" * 16, False)]
)
def test_the_check_digit_tells_cards_from_other_numbers(digits: str, card: bool) -> None:
    assert is_card(digits) is card


@pytest.mark.parametrize(("account", "right"), [("DE89370400440532013000", True), ("DE89370400440532013001", False)])
def test_the_check_digits_tell_accounts_from_other_words(account: str, right: bool) -> None:
    assert is_iban(account) is right


def test_every_check_has_its_place_in_the_registry() -> None:
    assert set(OF_A_RESPONSE) | set(OF_A_TURN) | set(OF_A_PROMPT) == set(HintName)


def test_false_alarms_on_human_written_texts_are_none() -> None:
    """The demo's 174 responses and 20 conversations hold nothing of the kind: 0 of 194 in each check."""
    alarms: Counter[str] = Counter()
    for row in load("sft.jsonl"):
        asked = [{"role": "user", "content": row["prompt"]}]
        context = Context(question=str(row["prompt"]), language=str(row["language"]))
        found = look_at([{"role": "assistant", "content": row["response"]}], context, own_prompt=asked)
        alarms.update(one.check for one in found)
    for row in load("conversations.jsonl"):
        first, *rest = row["messages"]
        found = look_at(rest, Context(question=first["content"], language=str(row["language"])), own_prompt=[first])
        alarms.update(one.check for one in found)
    print({name.value: alarms[name] for name in HintName})
    assert not alarms


def test_of_a_response_that_is_not_begun_nothing_is_said() -> None:
    assert said("", context=Context(limits=(10, 100))) == []
