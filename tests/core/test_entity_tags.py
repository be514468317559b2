"""Entity tags are of one style, and compared as RFC 9110 says: by the examples of its sections 8.8.3.2 and 13.1."""

from app.core.entity_tags import entity_tag, etag, is_known, is_still


def test_a_tag_is_strong_and_in_quotes_whatever_it_is_the_tag_of() -> None:
    assert (etag(3), etag("xyzzy")) == ({"ETag": '"3"'}, {"ETag": '"xyzzy"'})


def test_who_names_a_tag_in_a_list_weak_or_not_has_it_already() -> None:
    has = ('"xyzzy"', 'W/"xyzzy"', '"r2d2,xxxx", "xyzzy", "c3piozzzz"', 'W/"a",W/"xyzzy"', "*", " * ")
    assert [one for one in has if not is_known(one, entity_tag("xyzzy"))] == []
    has_not = ("", '"r2d2"', "xyzzy", '"xyzzy, r2d2"', '"*"', '"XYZZY"', '"a*"')
    assert [one for one in has_not if is_known(one, entity_tag("xyzzy"))] == []


def test_a_part_goes_only_with_the_very_bytes_of_which_the_rest_was_had() -> None:
    others = ('W/"xyzzy"', '"r2d2"', "*", "Tue, 15 Nov 1994 12:45:26 GMT")
    assert [is_still(one, entity_tag("xyzzy")) for one in ('"xyzzy"', None)] == [True, True]
    assert [one for one in others if is_still(one, entity_tag("xyzzy"))] == []
