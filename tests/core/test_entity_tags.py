"""Entity tags are of one style, and compared as RFC 9110 says: by the examples of its sections 8.8.3.2 and 13.1."""

from time import process_time

from app.core.entity_tags import Tags, entity_tag, etag, is_known, is_meant, is_still, tags_in


def test_a_tag_is_strong_and_in_quotes_whatever_it_is_the_tag_of() -> None:
    assert (etag(3), etag("xyzzy")) == ({"ETag": '"3"'}, {"ETag": '"xyzzy"'})


def test_who_names_a_tag_in_a_list_weak_or_not_has_it_already() -> None:
    has = ('"xyzzy"', 'W/"xyzzy"', '"r2d2,xxxx", "xyzzy", "c3piozzzz"', 'W/"a",W/"xyzzy"', "*", " * ")
    assert [one for one in has if not is_known([one], entity_tag("xyzzy"))] == []
    has_not = ("", '"r2d2"', "xyzzy", '"xyzzy, r2d2"', '"*"', '"XYZZY"', '"a*"')
    assert [one for one in has_not if is_known([one], entity_tag("xyzzy"))] == []


def test_a_part_goes_only_with_the_very_bytes_of_which_the_rest_was_had() -> None:
    others = ('W/"xyzzy"', '"r2d2"', "*", "Tue, 15 Nov 1994 12:45:26 GMT")
    assert [is_still(one, entity_tag("xyzzy")) for one in ('"xyzzy"', None)] == [True, True]
    assert [one for one in others if is_still(one, entity_tag("xyzzy"))] == []


def test_a_header_names_everything_or_tags_in_a_list() -> None:
    assert tags_in(" * ") == Tags(any=True)
    assert tags_in('"a"') == Tags(strong=frozenset("a"))
    assert tags_in('"a",W/"b" ,\t "c,d","", ,') == Tags(strong=frozenset({"a", "c,d", ""}), weak=frozenset("b"))
    nothing = ("", " ", ",", "a", '"a', 'a"', '"a" "b"', '*, "a"', '"a", *', 'w/"a"', 'W/ "a"', '"a b"', "'a'", '"a";')
    assert [one for one in nothing if tags_in(one) is not None] == []


def test_if_match_compares_strongly_and_if_none_match_weakly() -> None:
    listed = tags_in('W/"1", "2"')
    assert listed
    assert [listed.name(mark) for mark in (1, 2, "3")] == [False, True, False]
    assert [listed.name_weakly(mark) for mark in (1, 2, "3")] == [True, True, False]


def test_lines_of_a_header_are_one_list() -> None:
    assert is_known(['"a"', 'W/"xyzzy"'], entity_tag("xyzzy"))
    assert is_meant(['"a"', '"xyzzy"'], entity_tag("xyzzy"))
    assert not is_meant(['"a"', 'W/"xyzzy"'], entity_tag("xyzzy"))
    assert not is_meant(["xyzzy"], entity_tag("xyzzy"))
    assert is_meant([], entity_tag("xyzzy"))


def test_a_long_header_takes_no_longer_than_it_is_long() -> None:
    began = process_time()
    for long in (" " * 60_000, "," * 60_000, '"' * 60_000, '"a"' + "\t" * 60_000 + "x", ', "' * 20_000):
        tags_in(long)
    assert process_time() - began < 1
