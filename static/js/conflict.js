// The draft is newer elsewhere: which text stays? Both are shown, the person chooses, and nothing is overwritten unseen.
import { ask, choice } from "./dialogs.js";
import { asText } from "./draft-form.js";
import { element } from "./elements.js";

const when = (moment) => new Date(moment).toLocaleString("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });

const column = (heading, draft) => element(
  "section", {}, element("h3", {}, heading),
  element("div", { class: "written written-small", dir: "auto", tabindex: "0", role: "region", "aria-label": heading }, asText(draft)),
);

/** Each text of `here` after its counterpart of `there`. */
export function joined(here, there) {
  const one = (a, b) => (a === b ? a : `${b}\n\n${a}`);
  const messages = here.messages.map(({ role, content }, index) => ({
    role, content: one(content, there.messages[index]?.content ?? ""),
  }));
  const prompt = here.prompt === null ? null : one(here.prompt, there.prompt ?? "");
  return "system" in here ? { messages, prompt, system: one(here.system, there.system ?? "") } : { messages, prompt };
}

/** "here", "there" or "both"; "" when the person has not decided. Both only where the turns are the same. */
export function choose(here, there) {
  const alike = here.messages.length === there.messages.length;
  const { answer } = ask(
    "This draft is newer elsewhere", "both",
    element("p", { class: "soft" }, `It was saved from another window, ${when(there.saved_at)}. Nothing is lost: choose what stays.`),
    element("div", { class: "halves" }, column("Here, not saved", here), column("Saved elsewhere", there)),
    element(
      "form", { method: "dialog", class: "row" },
      choice("here", "Keep what is here", "button-main"),
      choice("there", alike ? "Keep what is elsewhere" : "Show what is elsewhere"),
      ...(alike ? [choice("both", "Keep both, one after the other")] : []),
    ),
  );
  return answer;
}
