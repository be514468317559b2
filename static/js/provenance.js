// How was the text typed? With data-typed in a form (the project keeps it, the writer is told): counts since the last save,
// shown as they grow. Never which key, never what was pasted.
import { each } from "./each.js";

const IDLE = 10_000;
const NAMES = ["keystrokes", "pastes", "pasted_characters", "active_seconds", "revisions"];
const counts = new WeakMap();

each("form[data-autosave] [data-typed]", (place) => {
  const form = place.closest("form");
  const since = Object.fromEntries(NAMES.map((name) => [name, 0]));
  const shown = Object.fromEntries(NAMES.map((name) => [name, place.querySelector(`[data-typed-count="${name}"]`)]));
  const begun = Object.fromEntries(NAMES.map((name) => [name, Number(shown[name].textContent.replaceAll(",", ""))]));
  const record = { since, shown, begun };
  counts.set(form, record);
  let last = 0, active = 0, revising = false;
  const pasted = (data) => {
    since.pastes += 1;
    since.pasted_characters += [...(data?.getData("text") ?? "")].length;
    show(record);
  };
  form.addEventListener("paste", (event) => pasted(event.clipboardData));
  form.addEventListener("drop", (event) => pasted(event.dataTransfer));
  form.addEventListener("input", (event) => {
    if (!event.target.matches("textarea")) return;
    if (!/^insertFrom(Paste|Drop)/.test(event.inputType ?? "")) since.keystrokes += 1;
    const revises = goesBack(event);
    if (revises && !revising) since.revisions += 1;
    revising = revises;
    const now = performance.now();
    if (last && now - last < IDLE) active += now - last;
    last = now;
    since.active_seconds += Math.floor(active / 1000);
    active %= 1000;
    show(record);
  });
});

/** Whether something that stood there is changed: a deletion, or words put in before the end. A run of keys is one. */
const goesBack = ({ inputType = "", target }) => /^(delete|history)/.test(inputType) || target.selectionEnd < target.value.length;

function show({ since, shown, begun }) {
  for (const name of NAMES) shown[name].textContent = (begun[name] + since[name]).toLocaleString("en");
}

/** What was counted since the last save that was heard, or null where nothing is to be kept. */
export const since = (form) => (counts.has(form) ? { ...counts.get(form).since } : null);

/** These counts are stored now. */
export function kept(form, typed) {
  if (!typed) return;
  const record = counts.get(form);
  for (const name of NAMES) {
    record.begun[name] += typed[name];
    record.since[name] -= typed[name];
  }
}
