// Where is the focus after htmx has replaced what had it? On the same element where it is there again, else on what opens
// it, else near it; on the page itself where all of it is new.

let lost = null;

/** The names by which the place of an element is found again: its own, those of its form, that of what surrounds it. */
function names(element) {
  const inForm = [...(element.form?.elements ?? [])].map((field) => field.id);
  return [element.id, ...inForm, element.closest("[id]")?.id].filter(Boolean);
}

const FOCUSABLE = "a[href], button, summary, input:not([type=hidden]), textarea, select";
const seen = (element) => element?.checkVisibility();

function placeOf(id) {
  const again = document.getElementById(id);
  if (!again) return null;
  if (again.matches(FOCUSABLE)) return seen(again) ? again : again.closest("details")?.querySelector("summary");
  return [...again.querySelectorAll(FOCUSABLE)].find(seen);
}

document.addEventListener("htmx:before:swap", () => {
  const at = document.activeElement;
  lost = at && at !== document.body ? { at, names: names(at) } : null;
});

document.addEventListener("htmx:after:swap", () => {
  if (!lost || lost.at.isConnected || document.activeElement !== document.body) return;
  const main = document.getElementById("main");
  const near = lost.at.closest("main") ? main : lost.names.map(placeOf).find(seen);
  (near ?? main)?.focus();
  lost = null;
});
