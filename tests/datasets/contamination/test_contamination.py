"""A row that repeats a benchmark is found, with the passage, whatever stands around it; other rows are not."""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.datasets.contamination.overlap import BLOCK, Compared, Words, compare, runs, words

ASKED = "A train leaves the station at noon and reaches the next town forty miles away at one; how fast did it go?"


def held_against(benchmark: Sequence[Any], *rows: str, block_runs: int = BLOCK) -> Compared:
    def numbered() -> Iterator[tuple[int, Sequence[Words]]]:
        return ((number, [words(text)]) for number, text in enumerate(rows))

    lines = [one.encode() if isinstance(one, str) else json.dumps(one).encode() for one in benchmark]
    return compare(lines, numbered, block_runs=block_runs)


def test_a_question_of_a_benchmark_is_found_in_any_case_and_punctuation() -> None:
    found = held_against([{"question": ASKED, "answer": "40"}], "Sure: " + ASKED.upper().replace(";", " -")).matches
    assert found[0].percent == 100
    assert found[0].long_runs == 10
    assert found[0].passage.startswith("a train leaves the station at noon")


def test_eight_shared_words_are_counted_and_not_called_contaminated() -> None:
    found = held_against([ASKED], "My train leaves the station at noon and reaches nothing else").matches
    assert (found[0].percent, found[0].long_runs, found[0].is_reported) == (6, 0, False)
    assert found[0].passage == "train leaves the station at noon and reaches"


def test_another_question_is_not_found() -> None:
    assert held_against([ASKED], "How fast does a train go that leaves at noon?").matches == {}


def test_the_item_that_is_repeated_most_is_named_by_its_line() -> None:
    part = ASKED.replace("forty miles away", "somewhere")
    found = held_against(["", "Something else that is long enough to be compared with others", part, ASKED], ASKED)
    assert found.matches[0].line == 4
    assert (found.items, found.too_short) == (3, 0)


def test_a_copied_passage_of_a_long_item_is_reported_though_the_row_holds_more_of_a_short_one() -> None:
    long, short = (" ".join(f"{name}{at}" for at in range(many)) for name, many in (("long", 100), ("short", 10)))
    row = " ".join([*long.split()[:20], *short.split()[:8]])
    found = held_against([long, short], row)
    assert (found.matches[0].line, found.matches[0].percent) == (2, 33)
    assert (found.reported[0].line, found.reported[0].percent, found.reported[0].long_runs) == (1, 13, 8)


def test_a_copied_passage_is_reported_though_it_is_not_a_hundredth_of_its_item() -> None:
    item = [f"long{at}" for at in range(1000)]
    found = held_against([" ".join(item)], " ".join(["So:", *item[300:313], "and more"]), " ".join(item[300:312]))
    assert {number: (one.percent, one.long_runs) for number, one in found.reported.items()} == {0: (0, 1)}
    assert list(found.matches) == [0]


def test_a_mark_of_the_encoding_before_the_first_line_and_lines_nested_too_deep_harm_nothing() -> None:
    marked = "\ufeff" + json.dumps({"question": ASKED.replace(" ", "\n")})
    assert held_against([marked, "[" * 5000 + "]" * 5000], ASKED).matches[0].percent == 100


def test_plain_text_and_any_keys_of_json_are_read_alike() -> None:
    nested = {"doc": {"choices": ["no", ASKED]}, "n": 3}
    assert held_against([nested], ASKED).matches == held_against([ASKED], ASKED).matches


def test_an_item_of_fewer_than_eight_words_is_counted_as_too_short() -> None:
    found = held_against(["What is two and two?"], "What is two and two?")
    assert (found.items, found.too_short, found.matches) == (1, 1, {})


def test_a_question_in_chinese_or_japanese_is_found_by_its_characters() -> None:
    chinese = "一列火车中午离开车站，一点钟到达四十英里外的下一个城镇，它的速度是多少？"
    japanese = "正午に駅を出た列車が、一時に四十マイル先の町に着きました。速さはどれくらいですか。"
    for asked in (chinese, japanese):
        found = held_against([{"question": asked}], f"好：{asked}", "你好吗？今天天气怎么样？", asked[:5])
        assert list(found.matches) == [0]
        assert (found.matches[0].percent, found.too_short) == (100, 0)
        assert found.matches[0].long_runs > 10
    assert held_against(["法国的首都？"], "法国的首都？").too_short == 1
    assert words("用 Python 写ＡＢＣ") == ("用", "python", "写", "abc")


TRAINS = {
    "Thai": "รถไฟออกจากสถานีตอนเที่ยงและถึงเมืองถัดไปที่อยู่ห่างออกไปสี่สิบไมล์ในเวลาบ่ายโมง รถไฟแล่นเร็วเท่าไร",
    "Lao": "ລົດໄຟອອກຈາກສະຖານີຕອນທ່ຽງ ແລະ ໄປຮອດເມືອງຕໍ່ໄປທີ່ຢູ່ຫ່າງອອກໄປສີ່ສິບໄມລ໌ໃນເວລາບ່າຍໂມງ ລົດໄຟແລ່ນໄວເທົ່າໃດ",
    "Khmer": "រថភ្លើងមួយចេញពីស្ថានីយ៍នៅពេលថ្ងៃត្រង់ ហើយទៅដល់ទីក្រុងបន្ទាប់ដែលនៅឆ្ងាយសែសិបម៉ាយល៍នៅម៉ោងមួយរសៀល តើរថភ្លើងធ្វើដំណើរលឿនប៉ុនណា",
    "Burmese": "ရထားတစ်စီးသည် မွန်းတည့်ချိန်တွင် ဘူတာရုံမှထွက်ခွာပြီး မိုင်လေးဆယ်အကွာရှိ နောက်မြို့သို့ နေ့လယ်တစ်နာရီတွင် ရောက်ရှိသည် ရထားသည် မည်မျှမြန်သနည်း",
}


@pytest.mark.parametrize("script", TRAINS)
def test_a_question_in_a_script_without_spaces_is_found_by_its_letters(script: str) -> None:
    asked = TRAINS[script]
    spaced = " ".join(words(asked))  # where spaces stand is a matter of taste
    found = held_against([{"question": asked}], f"Well: {asked}", asked[: len(asked) // 8], asked[len(asked) // 3 :])
    assert (found.too_short, found.matches[0].percent) == (0, 100)
    assert found.matches[0].passage == "".join(words(asked))
    assert 1 not in found.matches
    assert 30 < found.matches[2].percent < 80
    assert found.matches[2].long_runs > 0
    assert held_against([asked], spaced).matches[0].percent == 100
    assert held_against([asked], "\u200b".join(words(asked))).matches[0].percent == 100
    assert all(unicodedata.category(letter[0]) in ("Lo", "Lm", "Nd") for letter in words(asked)), "no mark stands alone"


def test_a_long_name_in_thai_does_not_make_two_questions_one() -> None:
    one = "ประเทศสหรัฐอเมริกามีประชากรกี่คนในปีที่ผ่านมาและเมืองหลวงชื่ออะไร"
    other = "ใครเป็นผู้นำคนแรกที่เดินทางไปเยือนประเทศสหรัฐอเมริกาอย่างเป็นทางการ"
    found = held_against([one], other)
    assert (found.too_short, found.matches) == (0, {})


def test_three_letters_are_as_long_as_a_word_in_a_text_that_mixes_scripts() -> None:
    letters = "".join("กขคงจฉชซฌญฎฏ")
    assert [len(run) for run in runs(words(f"one two three four {letters} five"), 8)] == [16, 16]
    assert held_against([f"one two three four {letters}"], f"four {letters} one two three").matches == {}


@settings(max_examples=60, deadline=None)
@given(
    items=st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=14), min_size=1, max_size=8),
    rows=st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=20), min_size=1, max_size=5),
    block=st.integers(1, 30),
)
def test_however_few_items_are_in_memory_the_same_is_found(
    items: list[list[str]], rows: list[list[str]], block: int
) -> None:
    benchmark, texts = [" ".join(one) for one in items], [" ".join(one) for one in rows]
    whole = held_against(benchmark, *texts)
    assert held_against(benchmark, *texts, block_runs=block) == whole
    for number, text in enumerate(rows):
        runs = {tuple(text[at : at + 8]) for at in range(len(text) - 7)}
        best = max((shared_percent(runs, item) for item in items), default=0)
        assert (whole.matches[number].percent if number in whole.matches else 0) == best


def shared_percent(runs: set[tuple[str, ...]], item: list[str]) -> int:
    """What the definition says, word for word."""
    asked = {tuple(item[at : at + 8]) for at in range(len(item) - 7)}
    return 100 * len(asked & runs) // len(asked) if asked else 0
