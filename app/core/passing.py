"""Which rows of a queue are past for whom? Kept beside each row, so that nobody's walk steps over all they have done.

A queue that is walked in its order costs what stands before the first row for this person. Where that is many rows of
their own past, the walk ends after `NEAR` of them, and the rows are asked for by kind: a kind is what rows have in
common, and among that the people who need not be offered them. One look into an index finds the next kind, and one
the first row of it; kinds that are past for this person are left out as a whole. So it costs what there are kinds.

Who stands there only spares steps: whoever may have a row is asked of the row itself, always. So somebody may be
missing there; but nobody may stand there who could still be given the row.
"""

NEAR = 200  # rows that are walked in their order before they are asked for by kind
MOST = 100  # people who stand beside a row: a page of an index holds no row of many hundreds
OF_A_KIND = 20  # free rows of each kind among which the first is claimed: others may be claiming some at this moment


def with_person(people: str, person: str) -> str:
    """A column of people with one more, as SQL: in one order, so that the same people are the same kind.

    Where `MOST` stand already, it stays as it is.
    """
    more = f"ARRAY(SELECT DISTINCT unnest(array_append({people}, CAST(:{person} AS bigint))) ORDER BY 1)"
    return f"CASE WHEN cardinality({people}) < {MOST} THEN {more} ELSE {people} END"


def without_person(people: str, person: str) -> str:
    """A column of people without one of them, as SQL."""
    return f"array_remove({people}, CAST(:{person} AS bigint))"
