// What was typed here and does not fit the draft as it is now: shown over the sheet until it is copied or let go. Who posts
// the sheet before that is asked once.
import { asText, read } from "./draft-form.js";
import * as store from "./draft-store.js";
import { element, pressable } from "./elements.js";

const shown = new WeakMap(); // form: a map from each text to what is known of it

/** Show what an earlier page has put aside. */
export function showAside(form) {
  for (const text of store.aside(form)) show(form, text, true);
}

/** Put a draft aside and show it. False when the browser has no room: then this page alone has it. */
export function putAside(form, draft) {
  const text = asText(draft);
  const stored = store.setAside(form, text);
  show(form, text, stored);
  return stored;
}

/** Whether there is a text that was neither copied nor let go. */
export const waits = (form) => waiting(form).length > 0;

const waiting = (form) => [...(shown.get(form)?.values() ?? [])].filter((one) => !one.safe);

/**
 * Ask once before a post after which a text would be shown nowhere; true when that was asked now. A button with an address
 * of its own (Preview, another turn) leads back to this sheet, which shows again what there was room for.
 */
export function asksFirst(form, submitter) {
  const comesBack = submitter?.hasAttribute("formaction") ?? false;
  const one = waiting(form).find(({ stored, agreed }) => !agreed && !(stored && comesBack));
  if (!one) return false;
  const goOn = pressable("Go on without it", () => {
    one.agreed = true;
    form.requestSubmit(submitter);
  });
  one.asks.replaceChildren(" Nothing was sent just now, since this text is not part of it. ", goOn);
  one.message.focus();
  return true;
}

/** Where no other text would be taken: copy it, and, where the draft is over, see what became of it. */
export function waysOut(form, over) {
  const copy = pressable("Copy it", () => (copy.dataset.copy = asText(read(form))));
  const see = () => element("a", { class: "button button-small", href: location.pathname }, "See what became of it");
  return over ? [copy, see()] : [copy];
}

function show(form, text, stored) {
  const texts = shown.get(form) ?? new Map();
  shown.set(form, texts);
  if (texts.has(text)) return;
  const one = { stored, safe: false, agreed: false, asks: element("span") };
  texts.set(text, one);
  const safe = () => {
    one.safe = true;
    one.asks.replaceChildren();
    store.letGo(form, text);
  };
  const copy = element("button", { class: "button button-small", type: "button", "data-copy": text }, "Copy it");
  copy.addEventListener("copied", safe);
  const letGo = pressable("Let it go", () => {
    safe();
    one.message.remove();
  });
  const words = element(
    "p", {}, element("strong", {}, "A text of yours was not sent."),
    " This draft has moved on since. It is kept here, and nowhere else, until you copy it or let it go.", one.asks,
  );
  const written = element("div", { class: "written written-small", dir: "auto" }, text);
  one.message = element(
    "div", { class: "message put-aside", role: "alert", tabindex: "-1", "data-kind": "careful" }, words,
    element("span", { class: "row" }, copy, letGo), element("details", {}, element("summary", {}, "Read it"), written),
  );
  form.prepend(one.message);
}
