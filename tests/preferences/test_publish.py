"""What people decided becomes a version: whole, split by prompt, described, and the same bytes again."""

import json
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.files import CARD, MANIFEST, open_file
from app.datasets.models import Dataset, PromptSplit, Split, Version, VersionStatus
from app.preferences.models import ComparedResponse, ComparisonPrompt, ComparisonSet, PairState, Strength
from app.prompts.models import Prompt, PromptStatus
from tests.cast import Cast, Client
from tests.datasets.made import approve, published
from tests.datasets.questions import question
from tests.factories import asked
from tests.preferences.conftest import MakeSet, pair
from tests.preferences.publishing import dataset, judge, judged, pairs_of, publish

NAMES = ("train.jsonl", "validation.jsonl", "test.jsonl", MANIFEST, CARD)


def rows_of(storage: Storage, version: Version) -> list[dict[str, Any]]:
    """Every row of a version, with its file under `part`."""
    return [
        json.loads(line) | {"part": name}
        for name in version.counts
        for line in b"".join(open_file(storage, version, f"{name}.jsonl")).splitlines()
    ]


@pytest.fixture
def decided(cast: Cast, session: Session, make_set: MakeSet) -> ComparisonSet:
    """Twenty-four pairs from a file; two people prefer the good one of each."""
    assert cast.author.user
    assert cast.second_author.user
    made = make_set(*(pair(number, prompt=question(number)) for number in range(1, 25)), opinions=3)
    return judged(session, made, "good", cast.author.user, cast.second_author.user)


def test_what_most_prefer_is_chosen_and_every_row_says_who_decided(
    cast: Cast, session: Session, storage: Storage, decided: ComparisonSet
) -> None:
    version = publish(cast, session, dataset(cast))
    assert (version.status, version.failure) == (VersionStatus.PUBLISHED, "")
    rows = rows_of(storage, version)
    assert len(rows) == 24
    assert {row["part"] for row in rows} == {"train", "validation", "test"}
    assert all("good" in row["chosen"][0]["content"] and "bad" in row["rejected"][0]["content"] for row in rows)
    said = rows[0]["metadata"]
    assert (said["opinions"], said["agreed"], said["chosen_source"], said["licence"]) == (2, 2, "ours", "MIT")
    assert (said["set"], said["reasons"]) == (decided.name, ["helpful"])


def test_each_half_of_the_people_has_a_version_of_what_they_prefer(
    cast: Cast, session: Session, storage: Storage, make_set: MakeSet
) -> None:
    made = make_set(*(pair(number, prompt=question(number)) for number in range(1, 25)), opinions=3)
    people = [one.user for one in (cast.author, cast.second_author, cast.reviewer) if one.user]
    for one, word in zip(people, ("good", "bad", "good"), strict=True):
        judged(session, made, word, one)
    versions = {
        name: publish(cast, session, dataset(cast, name, **rule), name)
        for name, rule in (("All", {}), ("One", {"people": "one_half"}), ("Other", {"people": "other_half"}))
    }
    chosen = {name: rows_of(storage, one)[0]["chosen"][0]["content"].split()[-1] for name, one in versions.items()}
    assert chosen == {"All": "good.", "One": "good.", "Other": "bad!."}
    agreed = (versions["All"].manifest or {})["agreed"]
    told = (agreed["for"], agreed["of"], agreed["low"], agreed["high"])
    assert told == (48, 72, 0.4671, 0.8203), "Wilson's of 24 prompts, which say the same"
    judges = {name: set((one.manifest or {})["judges"]) for name, one in versions.items()}
    assert [len(judges[name]) for name in versions] == [3, 2, 1], "who judged first, third and so on is one half"
    assert judges["One"] | judges["Other"] == judges["All"]
    card = cast.admin.get(f"/api/v1/versions/{versions['One'].id}/files/README.md").text
    assert "48 opinions by 2 people on 24 pairs" in card
    assert "On these 100 % (86 to 100, 95 % interval over prompts) of the opinions are for the chosen response" in card
    told = cast.admin.api(
        "POST", f"/api/v1/projects/{cast.project.id}/preference-datasets/preview", people="other_half"
    ).json()
    assert told["rows"] == 24


def test_the_same_state_gives_the_same_bytes(cast: Cast, session: Session, decided: ComparisonSet) -> None:
    made = dataset(cast)
    first, second = publish(cast, session, made), publish(cast, session, made)
    names = ("train.jsonl", "validation.jsonl", "test.jsonl")
    files = [[one.manifest and one.manifest["files"][name]["sha256"] for name in names] for one in (first, second)]
    assert files[0] == files[1]
    changes = cast.admin.get(f"/api/v1/versions/{second.id}/diff/{first.id}").json()
    assert (sum(changes["counts"]["same"].values()), changes["rows"]) == (24, [])


def test_while_answers_to_a_prompt_are_judged_nothing_of_a_version_tells_a_source(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:  # S47
    assert cast.author.user
    told = {"source": "Somewhere", "chosen": "It is said well."}
    decided = make_set(*(pair(number, prompt=question(number), **told) for number in range(1, 6)), name="Seas")
    judged(session, decided, "well", cast.author.user)
    made_of = dataset(cast)
    older, version = publish(cast, session, made_of), publish(cast, session, made_of)
    page, files = f"/versions/{version.id}", [f"/versions/{version.id}/files/{name}" for name in NAMES]
    reads = [f"/api/v1{page}", f"/api/v1{page}/diff/{older.id}", f"/api/v1{page}/diff/{older.id}/changes.jsonl"]
    assert "Somewhere" in "".join(cast.reviewer.get(one).text for one in files)
    to_train = select(ComparisonPrompt.messages).join(PromptSplit, PromptSplit.prompt_id == ComparisonPrompt.prompt_id)
    known = session.scalars(to_train.where(PromptSplit.split == Split.TRAIN).limit(1)).one()[0]["content"]
    again = make_set(pair(prompt=known, rejected="It is said worse."), name="Lakes")  # a reviewer may be given this one
    for one in files:
        refused = cast.reviewer.get(f"/api/v1{one}")
        assert (refused.status_code, refused.json()["type"]) == (409, "/errors/datasets.withheld")
        assert "still judged blindly, in “Lakes”. Close this set" in refused.json()["detail"]
        assert cast.reviewer.get(one).status_code == 409
    shown = cast.reviewer.get(page).text
    assert "still judged blindly, in “Lakes”" in shown
    assert "train.jsonl" not in shown
    assert "Imported: chosen" not in shown + "".join(cast.reviewer.get(one).text for one in reads)
    assert cast.admin.post(f"/api/v1/comparison-sets/{again.id}/close").status_code == 200
    assert [cast.reviewer.get(one).status_code for one in files] == [200] * len(files)


def test_who_still_judges_in_a_set_reads_no_source_in_what_is_published_of_it(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:  # S47
    """The prompts of the version are judged; other pairs of the same models still wait for this reviewer."""
    assert cast.reviewer.user
    told = {"source": "Somewhere", "chosen": "It is said well."}
    made = make_set(*(pair(number, prompt=question(number), **told) for number in range(1, 7)), name="Seas")
    *done, _ = pairs_of(session, made)
    for one in done:
        judge(session, one, "well", cast.reviewer.user)
    session.commit()
    version = publish(cast, session, dataset(cast))
    page, files = f"/versions/{version.id}", [f"/versions/{version.id}/files/{name}" for name in NAMES]
    row = f"{page}/pairs/{done[0].id}"

    def read(client: Client) -> tuple[set[int], bool, bool, bool, int]:
        both = [client.get(door + one) for door in ("", "/api/v1") for one in files]
        html, here, answer = client.get(page).text, client.get(row).text, client.get(f"/api/v1{row}").json()
        assert answer["withheld"] == ("You still judge in this set." in here) == ("still judge in “Seas”" in html)
        source = answer["chosen"]["source"] is not None
        shown = "train.jsonl" in html and "Somewhere" in html, "imported" in here, source
        return {one.status_code for one in both}, *shown, len(answer["opinions"])

    assert read(cast.reviewer) == ({409}, False, False, False, 0)
    refused = cast.reviewer.get(f"/api/v1{files[0]}").json()
    assert (refused["type"], "you still judge in “Seas”" in refused["detail"]) == ("/errors/datasets.withheld", True)
    everything = ({200}, True, True, True, 1)
    assert read(cast.second_reviewer) == everything, "who does not judge"
    assert cast.admin.post(f"/api/v1/comparison-sets/{made.id}/close").status_code == 200
    assert read(cast.reviewer) == everything


def test_a_prompt_from_a_file_is_one_of_the_project_that_nobody_is_given(
    cast: Cast, session: Session, decided: ComparisonSet, make_set: MakeSet
) -> None:
    asked = session.scalars(select(ComparisonPrompt.prompt_id)).all()
    prompts = session.scalars(select(Prompt).where(Prompt.id.in_(asked))).all()
    assert len(prompts) == 24
    assert {(one.status, one.author_id, one.source) for one in prompts} == {(PromptStatus.COMPLETE, None, "ours")}
    make_set(pair(1, prompt=question(1), chosen="Else good."))
    assert session.scalar(text("SELECT count(DISTINCT prompt_id) FROM comparison_prompts")) == 24


def test_sets_of_before_are_given_their_prompts_when_a_version_is_published(
    cast: Cast, session: Session, decided: ComparisonSet
) -> None:
    session.execute(update(ComparisonPrompt).values(prompt_id=None))
    session.commit()
    assert publish(cast, session, dataset(cast)).total == 24
    assert None not in session.scalars(select(ComparisonPrompt.prompt_id)).all()


def test_a_prompt_that_was_changed_since_is_found_by_its_name(
    session: Session, decided: ComparisonSet, make_set: MakeSet
) -> None:
    first = session.scalars(select(ComparisonPrompt).order_by(ComparisonPrompt.id)).first()
    assert first
    session.execute(update(Prompt).where(Prompt.id == first.prompt_id).values(messages=asked("Said otherwise.")))
    session.commit()
    again = make_set(pair(1, prompt=question(1)))
    found = select(ComparisonPrompt.prompt_id).where(ComparisonPrompt.set_id == again.id)
    assert session.scalars(found).all() == [first.prompt_id]


def test_what_was_tested_on_stays_so_in_versions_of_either_kind(
    cast: Cast, session: Session, storage: Storage, make_set: MakeSet
) -> None:
    assert cast.author.user
    approve(session, cast, 24)
    published(cast, session)
    split_of = dict(session.execute(select(PromptSplit.prompt_id, PromptSplit.split)).all())
    # Near duplicates of all of them come in from a file: those of the test split are left out at once.
    made = make_set(*(pair(number, prompt=f"Please! {question(number)}") for number in range(1, 25)))
    kept = session.scalars(select(ComparisonPrompt.prompt_id)).all()
    judged(session, made, "good", cast.author.user)
    version = publish(cast, session, dataset(cast))
    assert {row["part"] for row in rows_of(storage, version)} <= {"train", "validation"}
    after = dict(session.execute(select(PromptSplit.prompt_id, PromptSplit.split)).all())
    assert after.items() >= split_of.items()
    assert {after[one] for one in kept if one} == {Split.TRAIN, Split.VALIDATION}
    straddling = "SELECT cluster FROM prompt_splits GROUP BY cluster HAVING count(DISTINCT split) > 1"
    assert session.execute(text(straddling)).all() == []


def test_a_set_that_only_measures_is_only_tested_on(
    cast: Cast, session: Session, storage: Storage, decided: ComparisonSet
) -> None:
    session.execute(update(ComparisonSet).values(measures_only=True))
    session.commit()
    version = publish(cast, session, dataset(cast))
    assert {row["part"] for row in rows_of(storage, version)} == {"test"}
    assert version.manifest
    assert version.manifest["too_few"].startswith("Too few to say anything: no pair to train on")
    assert "Too few to say anything" in cast.admin.get(f"/versions/{version.id}").text


def test_ties_divided_pairs_known_ones_and_those_that_wait_are_left_out_and_counted(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    assert cast.author.user
    assert cast.second_author.user
    people = cast.author.user, cast.second_author.user
    made = make_set(*(pair(number) for number in range(1, 6)), pair(6, known=True), pair(7), opinions=2)
    tie, bad, split, unsure, good, known, waits = pairs_of(session, made)
    judge(session, tie, "tie", *people)
    judge(session, bad, "both_bad", *people)
    judge(session, split, "good", people[0])
    judge(session, split, "bad", people[1])
    judge(session, unsure, "cannot_judge", people[0])
    judge(session, good, "good", *people, strength=Strength.CLEARLY)
    judge(session, known, "good", people[0])
    judge(session, waits, "good", people[0])
    waits.state = PairState.OPEN  # of two opinions one is missing
    session.commit()
    made_of = dataset(cast)
    version = publish(cast, session, made_of)
    assert version.total == 1
    assert version.manifest
    assert {one["condition"]: one["pairs"] for one in version.manifest["left_out"]} == {
        "no known pair": 1,
        "no pair that still waits for opinions": 1,
        "judged by somebody who could": 1,
        "no pair that most call as good or both bad": 2,
        "one response preferred by more than half": 1,
    }
    assert version.manifest["strengths"] == {"clearly": 1}
    page = cast.admin.get(f"/datasets/{made_of}").text
    assert "would hold <strong>1</strong> of 7 judged pairs" in page


def test_a_circle_stays_in_the_files_and_is_counted_and_equal_texts_are_left_out(
    cast: Cast, session: Session, storage: Storage, make_set: MakeSet
) -> None:
    assert cast.author.user
    round_ = (("One.", "Two."), ("Two.", "Three."), ("Three.", "One."))
    circle = [pair(prompt="Who leads?", chosen=better, rejected=worse) for better, worse in round_]
    made = make_set(*circle, pair(2))
    *three, same = pairs_of(session, made)
    words = {one.id: one.messages[-1]["content"] for one in session.scalars(select(ComparedResponse))}
    for of in three:
        both = {words[of.first_id], words[of.second_id]}
        judge(session, of, next(better for better, worse in round_ if {better, worse} == both), cast.author.user)
    judge(session, same, "good", cast.author.user)
    # As two models of a set of before may have said.
    alike = update(ComparedResponse).where(ComparedResponse.id.in_((same.first_id, same.second_id)))
    session.execute(alike.values(messages=[{"role": "assistant", "content": "Both."}]))
    session.commit()
    version = publish(cast, session, dataset(cast))
    assert {(row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in rows_of(storage, version)} == {
        *round_
    }
    assert version.manifest
    assert version.manifest["cycles"] == 1
    assert version.manifest["left_out"] == [{"condition": "two different texts", "pairs": 1}]
    assert "On 1 prompt the pairs lead round in a circle" in b"".join(open_file(storage, version, "README.md")).decode()
    refused_alike(cast, version)


def refused_alike(cast: Cast, version: Version) -> None:
    """A version of pairs has no other formats, and no door takes a rule for a dataset of the other kind."""
    no_format = cast.admin.post(f"/api/v1/versions/{version.id}/formats/parquet")
    assert (no_format.status_code, no_format.json()["type"]) == (409, "/errors/datasets.no_format")
    of_pairs, project = version.dataset_id, cast.project.id
    of_responses = cast.admin.api("POST", f"/api/v1/projects/{project}/datasets", name="Of responses").json()["id"]
    for path, code in (
        (f"datasets/{of_pairs}/preview", "datasets.other_kind"),
        (f"datasets/{of_pairs}/left-out", "datasets.other_kind"),
        (f"datasets/{of_responses}/preference-preview", "preferences.other_kind"),
    ):
        refused = cast.admin.get(f"/api/v1/{path}")
        assert (refused.status_code, refused.json()["type"]) == (409, f"/errors/{code}"), path


def test_a_rule_that_takes_no_pair_says_so_and_can_be_tried_again(
    cast: Cast, session: Session, decided: ComparisonSet
) -> None:
    version = publish(cast, session, dataset(cast, min_opinions=9))
    assert version.status is VersionStatus.FAILED
    assert version.failure.startswith("No judged pair meets the rule")


def test_writers_are_held_out_of_responses_alone(cast: Cast, session: Session, decided: ComparisonSet) -> None:
    made = dataset(cast)
    page = cast.admin.get(f"/datasets/{made}/preparation").text
    assert 'name="leave_out_overlap"' in page
    assert 'name="held_out_writers"' not in page
    refused = cast.admin.put(f"/api/v1/datasets/{made}/preparation", json={"held_out_writers": 40})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/preparation/held_out_writers")


def test_a_manifest_tells_of_no_choice_of_writers_for_pairs_choose_none(
    cast: Cast, session: Session, decided: ComparisonSet
) -> None:
    made = dataset(cast)
    session.get_one(Dataset, made).preparation = {"held_out_writers": 40}  # as could be said once
    version = publish(cast, session, made)
    assert version.manifest
    assert "held_out_writers" not in version.manifest["splits"]


def test_two_datasets_take_by_their_rules(cast: Cast, session: Session, decided: ComparisonSet) -> None:
    assert cast.reviewer.user
    judge(session, pairs_of(session, decided)[0], "bad", cast.reviewer.user)
    session.commit()
    some = publish(cast, session, dataset(cast, "Sure", min_opinions=2, min_agreement=100), "Sure")
    assert some.total == 23
    listed = cast.admin.get(f"/projects/{cast.project.id}/datasets").text
    assert "judged by 2 people or more, with 100 % of them or more agreeing" in listed


def test_what_people_decided_anew_is_told_pair_by_pair(
    cast: Cast, session: Session, decided: ComparisonSet, make_set: MakeSet
) -> None:
    assert cast.reviewer.user
    assert cast.admin.user
    assert cast.operator.user
    made = dataset(cast)
    before = publish(cast, session, made)
    first, second, third = pairs_of(session, decided)[:3]
    judge(session, first, "good", cast.reviewer.user)
    judge(session, second, "bad", cast.reviewer.user, cast.admin.user, cast.operator.user)
    judge(session, third, "tie", cast.reviewer.user, cast.admin.user)
    session.commit()
    after = publish(cast, session, made)
    address = f"/versions/{after.id}/diff/{before.id}"
    told = cast.admin.get(f"/api/v1{address}").json()
    counts = {kind: sum(by.values()) for kind, by in told["counts"].items()}
    assert counts == {"same": 21, "changed": 2, "added": 0, "removed": 1, "moved": 0}
    assert [(one["pair_id"], one["old_opinions"], one["new_opinions"]) for one in told["rows"]] == [
        (first.id, "2 of 2", "3 of 3"),
        (second.id, "2 of 2", "3 of 5"),
    ]
    page = cast.admin.get(address).text
    assert "the other response is chosen now" in page
    assert "0 pairs came in, 1 went out, 2 were decided anew" in page
    lines = cast.admin.get(f"{address}/changes.jsonl").text.splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["changed", "changed", "removed"]
