// The draft is newer elsewhere: which text stays? Both are shown, the person chooses, and nothing is overwritten unseen.
import { ask, choice } from "./dialogs.js";
import { asText, categoryOf, fill, read } from "./draft-form.js";
import { element } from "./elements.js";
import { putAside, waits } from "./put-aside.js";

const when = (moment) => new Date(moment).toLocaleString("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });

/** `parts`: for each part of the draft its pieces [op, text], of which those that are not "equal" are marked. */
const column = (heading, category, parts) => element(
  "section", {}, element("h3", {}, heading),
  ...(category ? [element("p", { class: "meta" }, "Category: ", element("bdi", {}, category))] : []),
  element("div", { class: "written written-small", dir: "auto", tabindex: "0", role: "region", "aria-label": heading }, ...marked(parts)),
);

const marked = (parts) => parts.flatMap((pieces, at) => [
  ...(at ? ["\n\n"] : []), ...pieces.map(([op, text]) => (op === "equal" ? text : element("mark", {}, text))),
]);

const unmarked = (draft) => [[["equal", asText(draft)]]];

/**
 * Ask, and put into the form what was chosen. {draft}: what the server has of it. {undecided: why}. {}: what is elsewhere has
 * other turns, which have no place in this form; what stands here is put aside, and the page is to be drawn anew.
 */
export async function resolve(form, current, compared) {
  const here = read(form);
  const answer = await choose(here, current, compared, (draft) => categoryOf(form, draft));
  if (answer === "") return { undecided: "this draft is newer elsewhere." };
  if (answer === "there" && !fill(form, current)) {
    const stays = putAside(form, here) || !waits(form);
    return stays ? {} : { undecided: "there is no room to put it aside. Copy it, then compare again." };
  }
  if (answer === "both") fill(form, joined(here, current));
  return { draft: answer === "there" ? read(form) : current };
}

/** Each text of `here` after its counterpart of `there`. */
function joined(here, there) {
  const one = (a, b) => (a === b ? a : `${b}\n\n${a}`);
  const messages = here.messages.map(({ role, content }, index) => ({
    role, content: one(content, there.messages[index]?.content ?? ""),
  }));
  const prompt = here.prompt === null ? null : one(here.prompt, there.prompt ?? "");
  return { ...here, messages, prompt, ...("system" in here && { system: one(here.system, there.system ?? "") }) };
}

/**
 * "here", "there" or "both"; "" when the person has not decided. Both only where the turns are the same. `compared`: what
 * the server found to differ, [{here, there}] in the order of reading.
 */
function choose(here, there, compared, categoryOf) {
  const alike = here.messages.length === there.messages.length;
  const { answer } = ask(
    "This draft is newer elsewhere", "both",
    element("p", { class: "soft" }, `It was saved from another window, ${when(there.saved_at)}. What differs is marked. ${way(alike)}`),
    element(
      "div", { class: "halves" },
      column("Here, not saved", categoryOf(here), compared?.map((part) => part.here) ?? unmarked(here)),
      column("Saved elsewhere", categoryOf(there), compared?.map((part) => part.there) ?? unmarked(there)),
    ),
    element(
      "form", { method: "dialog", class: "row" },
      choice("here", "Keep what is here", "button-main"),
      choice("there", alike ? "Keep what is elsewhere" : "Show what is elsewhere"),
      ...(alike ? [choice("both", "Keep both, one after the other")] : []),
    ),
  );
  return answer;
}

const way = (alike) => alike
  ? "Nothing is lost: choose what stays."
  : "It has other turns: where you choose it, what is here is put beside it, to be copied.";
