// What was typed here and does not fit the draft as it is now: shown over the sheet until it is copied or let go.
import { asText } from "./draft-form.js";
import * as store from "./draft-store.js";
import { element, pressable } from "./elements.js";

const shown = new WeakMap();

/** Show what an earlier page has put aside. */
export function showAside(form) {
  for (const text of store.aside(form)) show(form, text);
}

/** Put a draft aside and show it. False when the browser has no room: then this page alone has it. */
export function putAside(form, draft) {
  const text = asText(draft);
  const stored = store.setAside(form, text);
  show(form, text);
  return stored;
}

/** Whether there is a text that was neither copied nor let go. */
export const waits = (form) => [...(shown.get(form)?.values() ?? [])].some((safe) => !safe);

function show(form, text) {
  const texts = shown.get(form) ?? new Map();
  shown.set(form, texts);
  if (texts.has(text)) return;
  texts.set(text, false);
  const safe = () => {
    texts.set(text, true);
    store.letGo(form, text);
  };
  const copy = element("button", { class: "button button-small", type: "button", "data-copy": text }, "Copy it");
  copy.addEventListener("copied", safe);
  const letGo = pressable("Let it go", () => {
    safe();
    message.remove();
  });
  const words = element(
    "p", {}, element("strong", {}, "A text of yours was not sent."),
    " This draft has other turns by now. It is kept here, and nowhere else, until you copy it or let it go.",
  );
  const written = element("div", { class: "written written-small", dir: "auto" }, text);
  const message = element(
    "div", { class: "message put-aside", role: "alert", "data-kind": "careful" }, words,
    element("span", { class: "row" }, copy, letGo), element("details", {}, element("summary", {}, "Read it"), written),
  );
  form.prepend(message);
}
