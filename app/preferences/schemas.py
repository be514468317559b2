"""What goes in and out of the doors of preferences."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.core.text import FormText, Name, Text, WholeNumber, none_if_empty
from app.core.web import FormIn, In, Out
from app.preferences.figures import Figures
from app.preferences.lines import ROW_LIMIT
from app.preferences.models import Choice, GenerationState, PromptRule, SetState, Strength
from app.preferences.ranking.models import Ordered

Id = Annotated[WholeNumber, Field(ge=1, lt=2**62)]
Opinions = Annotated[WholeNumber, Field(ge=1, le=9)]
CheckEvery = Annotated[WholeNumber, Field(ge=0, le=100)]
TimesUndone = Annotated[WholeNumber, Field(ge=0, lt=2**31)]  # the `version` of a word or an order
RanksWord = Literal[0, 3, 4, 5, 6, 7, 8, 9]
RankingWord = Literal["0", "3", "4", "5", "6", "7", "8", "9"]
ChoiceWord = Literal["left", "right", "tie", "both_bad", "cannot_judge", "skipped"]
PromptWord = Literal["unanswered", "test"]
StrengthWord = Literal["slightly", "clearly", "by_far"]


class SetIn(In):
    """A comparison set: of responses of people, of pairs that come with it, or of the answers of finished runs.

    A pair has `prompt`, `chosen` and `rejected`, each a text or a list of messages, `source`, `licence`, and may have
    `id`, `language`, `known`, `chosen_rank` and `rejected_rank`. With `ranks`, 3 to 9, people put up to so many
    responses to one prompt in order on one page; 0: they judge pairs. Of a set that `measures_only` nothing is ever
    trained on; so it always is with what runs answered.
    """

    name: Name
    ranks: RanksWord = 0
    opinions: Annotated[int, Field(ge=1, le=9)] = 1
    asks_strength: bool = True
    check_every: Annotated[int, Field(ge=0, le=100)] = 10
    people: bool = False
    pairs: Annotated[list[dict[str, Any]], Field(max_length=ROW_LIMIT)] = []
    run_ids: Annotated[list[Annotated[int, Field(ge=1, lt=2**62)]], Field(max_length=6)] = []
    measures_only: bool = False


class SetOfFileIn(FormIn):
    """What a set of a file's pairs is besides, in the query. See `SetIn`."""

    name: Name
    ranks: RankingWord = "0"
    opinions: Opinions = 1
    asks_strength: bool = True
    check_every: CheckEvery = 10
    people: bool = False
    measures_only: bool = False


class SetForm(FormIn):
    """The same from a form, beside its file."""

    user_id: Id
    name: Name
    ranks: RankingWord = "0"
    opinions: Opinions = 1
    strength: Literal["on", ""] = ""
    check_every: CheckEvery = 10
    people: Literal["on", ""] = ""
    measures: Literal["on", ""] = ""
    run_id: Annotated[WholeNumber, Field(ge=0, lt=2**62)] = 0


MOST_PROMPTS, MOST_RUNS, MOST_TOKENS, MOST_SEED = 500, 6, 2048, 2**31 - 1


class AnswersIn(In):
    """A comparison set whose responses are got from the models of finished runs. See the fields of `generation`."""

    name: Name
    run_ids: Annotated[list[Annotated[int, Field(ge=1, lt=2**62)]], Field(min_length=1, max_length=MOST_RUNS)]
    bases: bool = False
    people: bool = False
    prompts: PromptWord = "unanswered"
    most: Annotated[int, Field(ge=1, le=MOST_PROMPTS)] = 50
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    max_tokens: Annotated[int, Field(ge=1, le=MOST_TOKENS)] = 300
    seed: Annotated[int, Field(ge=0, le=MOST_SEED)] = 17
    ranks: RanksWord = 0
    opinions: Annotated[int, Field(ge=1, le=9)] = 1
    asks_strength: bool = True
    check_every: Annotated[int, Field(ge=0, le=100)] = 10


class AnswersForm(FormIn):
    """The same from a form."""

    user_id: Id
    name: Name
    run_id: Annotated[list[Id], Field(max_length=MOST_RUNS)] = []
    bases: Literal["on", ""] = ""
    people: Literal["on", ""] = ""
    prompts: PromptWord = "unanswered"
    most: Annotated[WholeNumber, Field(ge=1, le=MOST_PROMPTS)] = 50
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7
    max_tokens: Annotated[WholeNumber, Field(ge=1, le=MOST_TOKENS)] = 300
    seed: Annotated[WholeNumber, Field(ge=0, le=MOST_SEED)] = 17
    ranks: RankingWord = "0"
    opinions: Opinions = 1
    strength: Literal["on", ""] = ""
    check_every: CheckEvery = 10


class GenerationOut(Out):
    """The answers that a set asks of models: `done` of `total`. The set is open for judging once the state is done.

    `bases`: the models of the list that the runs began with answer, too. `prompts`: unanswered ones first and never one
    of the test split, or those of the test split. The settings and the seed are the same for each answer.
    """

    state: GenerationState
    run_ids: list[int]
    bases: bool
    people: bool
    prompts: PromptRule
    most: int
    temperature: float
    max_tokens: int
    seed: int
    done: int
    total: int
    failure: str


class MakingOut(Out):
    """How far the making of a set is: its pairs are there, all at once, when the state is done. `failure`: why there
    are none; then the next set may have its name."""

    state: GenerationState
    failure: str


class SetOut(Out):
    """A comparison set. `pairs` counts its pairs by state, and `rankings` its rankings, where `ranks` says how many
    responses are put in order on one page: both are empty for who still judges in it. `making` where it is made of what
    there is, `generation` where models answer for it."""

    id: int
    name: str
    rule: str
    left_out: str
    ranks: int
    opinions: int
    asks_strength: bool
    check_every: int
    measures_only: bool
    state: SetState
    pairs: dict[str, int]
    rankings: dict[str, int]
    making: MakingOut | None
    generation: GenerationOut | None
    figured_at: datetime | None
    created_at: datetime


class SetsOut(Out):
    """A page of the comparison sets of a project, newest first."""

    sets: list[SetOut]
    next_cursor: str | None


class HabitOut(Out):
    """Who chose the same side in at least nine of ten or more choices: `left` of `choices` lay left, or further up. A
    fact, not a verdict."""

    person_id: int
    name: str
    left: int
    choices: int


class FiguresOut(Out):
    """A set with its figures, or null where nothing is judged yet, and for who still judges in it: then `withheld` says
    so, else it is empty. A figure is [value, low, high], 95 %. `habits`: for administrators, whom `one_sided` means."""

    set: SetOut
    figures: Figures | None
    withheld: str
    habits: list[HabitOut]


class TurnOut(Out):
    """One turn."""

    role: str
    content: str


class ReasonOut(Out):
    """What a response can be better in: a line of the project's rubric."""

    key: str
    name: str


class ComparisonOut(Out):
    """A pair as its judge sees it. Where a response comes from is told by nothing in it. `version`: how often its judge
    took their word back; a judgement that names it is refused where that happened once more."""

    id: int
    version: int
    prompt: list[TurnOut]
    left: list[TurnOut]
    right: list[TurnOut]
    language: str
    asks_strength: bool
    reasons: list[ReasonOut]


class RankingOut(Out):
    """Responses to put in order, as their judge sees them. Where one comes from is told by nothing in it.
    `version` as of a pair."""

    id: int
    version: int
    prompt: list[TurnOut]
    responses: list[list[TurnOut]]
    language: str


class NextPairOut(Out):
    """The pair, or the ranking, that lies before the judge now; both null where nothing waits for them."""

    comparison: ComparisonOut | None
    ranking: RankingOut | None


class OrderIn(In):
    """The place of each response in the order in which they lie, 1 for the best, equal for as good. Without places,
    `said` tells why there are none. `version`: that of what lay there; 409 where it was taken back since."""

    said: Literal["ordered", "cannot_judge", "skipped"] = "ordered"
    places: Annotated[list[Annotated[int, Field(ge=1, le=9)]], Field(max_length=9)] = []
    version: TimesUndone | None = None


class OrderOut(Out):
    """What was said, its places without gaps; `said` is null once it was taken back, and `version` then one more."""

    id: int
    version: int = Field(validation_alias="undone")
    said: Ordered | None
    places: list[int]
    answered_at: datetime | None


class JudgementIn(In):
    """Which is better, by how much, in what. `skipped` leaves it to others. `version`: that of the pair as it lay
    there; 409 where it was taken back since."""

    choice: ChoiceWord
    strength: StrengthWord | None = None
    reasons: list[Text] = []
    version: TimesUndone | None = None


class JudgementOut(Out):
    """What was said; `choice` is null once it was taken back, and `version` then one more."""

    id: int
    version: int = Field(validation_alias="undone")
    choice: Choice | None
    strength: Strength | None
    reasons: list[str]
    answered_at: datetime | None


class UndoForm(FormIn):
    """The button that takes a word back: how often it had been taken back when its page was drawn.

    A page sends no 0, as in the two forms below: a process of before there was a version knows no such field.
    """

    user_id: Id
    version: TimesUndone = 0


class PressedForm(FormIn):
    """A button alone, with the person for whom its page was drawn."""

    user_id: Id


class JudgementForm(FormIn):
    """What lies chosen on the page of a pair; `leave` is the button that leaves it to others."""

    user_id: Id
    version: TimesUndone = 0
    choice: Literal[ChoiceWord, ""] = ""
    strength: Literal[StrengthWord, ""] = ""
    reason: list[FormText] = []
    leave: Literal["skipped", ""] = ""

    @model_validator(mode="after")
    def _something_chosen(self) -> Self:
        if not (self.choice or self.leave):
            raise PydanticCustomError("no_choice", "says nothing: choose one of the answers first")
        return self


Place = Annotated[Annotated[WholeNumber, Field(ge=1, le=9)] | None, BeforeValidator(none_if_empty)]


class OrderForm(FormIn):
    """The place of each response on the page of a ranking, from above; `leave` is the button that gives none."""

    user_id: Id
    version: TimesUndone = 0
    place_a: Place = None
    place_b: Place = None
    place_c: Place = None
    place_d: Place = None
    place_e: Place = None
    place_f: Place = None
    place_g: Place = None
    place_h: Place = None
    place_i: Place = None
    leave: Literal["skipped", "cannot_judge", ""] = ""

    @property
    def places(self) -> list[int]:
        """Those that were given."""
        given = self.model_dump(exclude={"user_id", "version", "leave"}).values()
        return [] if self.leave else [place for place in given if place is not None]
