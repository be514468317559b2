"""What reads as another language than the prompt is remarked on; lists, names, code and quotes never are."""

import pytest

from app.demo.texts import load
from app.projects.models import HintName
from app.writing.checks import Context, look_at
from tests.writing import work

ASKED = "Why is the sky blue in the day and red in the evening?"
IN_FRENCH = (
    "Le ciel est bleu parce que l'air disperse plus les ondes courtes de la lumière que les ondes longues. "
    "Le soir elle traverse plus d'air, et il ne reste que le rouge."
)
IN_ENGLISH = (
    "The sky is blue because the air scatters short waves of light more than it scatters the long ones. "
    "In the evening there is more air in the way, and only red is left."
)


def said(
    text: str, *turns: str, question: str = ASKED, language: str = "en", besides: tuple[str, ...] = ()
) -> list[str]:
    context = Context(question=question, language=language, besides=besides)
    found = look_at(work.turns(text, *turns), context, only=[HintName.LANGUAGE])
    return [one.sentence for one in found]


@pytest.mark.parametrize(
    ("question", "language", "text", "sentence"),
    [
        (ASKED, "en", IN_FRENCH, "The prompt is in English, this reads as French."),
        ("Pourquoi le ciel est-il bleu ?", "fr-CA", IN_ENGLISH, "The prompt is in French, this reads as English."),
        (
            ASKED,
            "en",
            "Der Himmel ist blau, weil die Luft kurze Wellen des Lichts stärker streut als lange.",
            "The prompt is in English, this reads as German.",
        ),
        (
            "Чому небо вдень синє, а ввечері воно червоне?",
            "uk",
            "Потому что воздух рассеивает короткие волны сильнее, чем длинные, и это видно.",
            "The prompt is in Ukrainian, this reads as Russian.",
        ),
        (
            ASKED,
            "en",
            "Det er ikke luften, men lyset som er blåt, og det er der hele dagen, men ikke om natten når det er sort.",
            "The prompt is in English, this reads as Danish or Norwegian.",
        ),
    ],
)
def test_both_languages_are_named(question: str, language: str, text: str, sentence: str) -> None:
    assert said(text, question=question, language=language) == [sentence]


@pytest.mark.parametrize(
    "text",
    [
        "Pasta alla norma, spaghetti alle vongole, tagliatelle al ragù, insalata di mare, risotto alla milanese",
        "1. Non, je ne regrette rien\n2. La Vie en rose\n3. Ne me quitte pas\n4. Je ne veux pas travailler\n",
        "El amor en los tiempos del cólera, Como agua para chocolate, El coronel no tiene quien le escriba, Rayuela",
        "2001: Amor, dolor y la vida que no fue; 2004: Todo lo que tengo es para ti; 2012: Cuando el sol se va",
        "Ministère de l'Intérieur, ministère de la Culture, ministère de l'Économie et des Finances",
        "Rua da Aurora, Avenida da Liberdade, Praça do Comércio, Rua do Ouro, Rua de São Bento",
        "je suis, tu es, il est, nous sommes, vous êtes, ils sont, j'étais, tu étais, il était, nous étions",
    ],
)
def test_a_list_of_names_titles_or_forms_says_nothing(text: str) -> None:
    assert said(text) == []


def test_a_short_answer_says_nothing() -> None:
    assert said("Parce que l'air le veut.") == []


def test_code_says_nothing_though_its_words_are_english() -> None:
    code = """\
# what is not in the list is left out of it, and so is what was in it before
for one in rows:
    if one not in known:
        found.append(one)
"""
    asked = "Comment est-ce que je trouve ce qui n'est pas dans la liste ?"
    assert said(code, question=asked, language="fr") == []
    assert said(f"```\n{IN_ENGLISH}\n```\n", question=asked, language="fr") == []


def test_what_stands_in_quotation_marks_is_not_the_writers_own() -> None:
    assert said(f"«{IN_FRENCH}»") == []
    assert said(f"> {IN_FRENCH}") == []


def test_a_text_in_two_languages_says_nothing() -> None:
    assert said(f"{IN_ENGLISH}\n\n{IN_FRENCH}") == []
    first, second = IN_ENGLISH.split(". ")
    assert said(f"{first}. {IN_FRENCH} {IN_FRENCH.split('. ')[0]}. {second}") == []


@pytest.mark.parametrize(
    ("question", "language", "text"),
    [
        ("Translate: the sky is blue because of the air", "en", IN_FRENCH),
        ("Why is the sky blue? Say it as one does in French.", "en", IN_FRENCH),
        ("Réponds en anglais : pourquoi le ciel est-il bleu ?", "fr", IN_ENGLISH),
        ("¿Por qué el cielo es azul? En inglés, por favor.", "es", IN_ENGLISH),
        ("Warum ist der Himmel blau? Sag es in meiner Muttersprache oder auf Englisch.", "de", IN_ENGLISH),
        ("Why is it so? Answer in my mother tongue.", "en", IN_FRENCH),
    ],
)
def test_a_prompt_that_names_a_language_may_ask_for_it(question: str, language: str, text: str) -> None:
    assert said(text, question=question, language=language) == []


def test_a_system_message_may_ask_for_another_language() -> None:
    assert said(IN_FRENCH, besides=("Always answer in French.",)) == []


def test_a_later_turn_may_ask_for_another_language() -> None:
    assert said(IN_FRENCH, "And now in French?", IN_FRENCH) == []


def test_a_prompt_with_some_of_the_other_language_may_be_about_it() -> None:
    asked = "I wrote this to a friend of mine, and do not know how it is: il ne reste que le rouge, et je le sais"
    assert said(IN_FRENCH, question=asked) == []


def test_the_prompts_own_words_count_where_its_project_is_said_to_be_in_another_language() -> None:
    asked = "Pourquoi le ciel est-il bleu, et qu'est-ce qui le rend rouge ?"
    assert said(IN_FRENCH, question=asked, language="en") == []


def test_of_a_prompt_in_a_language_without_a_list_nothing_is_said() -> None:
    assert said(IN_FRENCH, question="Per què el cel és blau?", language="ca") == []


def test_of_a_prompt_without_a_function_word_nothing_is_said() -> None:
    assert said(IN_FRENCH, question="Photosynthesis?") == []


def test_most_of_the_demos_english_responses_are_noticed_beside_a_french_prompt() -> None:
    """Of 118 with 60 letters and more; the others are lists, code, sums."""
    asked = "Est-ce que tu peux me dire ce que c'est ?"
    texts = [str(row["response"]) for row in load("sft.jsonl") if row["language"] == "en"]
    long = [text for text in texts if sum(map(str.isalpha, text)) >= 60]
    noticed = [text for text in long if said(text, question=asked, language="fr")]
    print(len(noticed), len(long))
    assert len(noticed) > 0.75 * len(long)
