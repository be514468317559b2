// Which fields does a refusal name? Where its page draws the form again, what it says of a field is said of ours too.
const MARKED = "[aria-invalid][id]";
const BY = ["role", "aria-invalid", "aria-describedby"];

/** Mark the fields that the page of a refusal marks, and no others. What they hold stays. */
export function mark(html) {
  const refused = new DOMParser().parseFromString(html, "text/html");
  for (const field of document.querySelectorAll(MARKED)) {
    document.getElementById(`${field.id}-error`)?.remove();
    copy(refused.getElementById(field.id), field);
  }
  for (const named of refused.querySelectorAll(MARKED)) {
    const field = document.getElementById(named.id);
    const said = refused.getElementById(`${named.id}-error`);
    if (!field || !said) continue;
    copy(named, field);
    (field.tagName === "FIELDSET" ? field : field.parentElement).append(document.importNode(said, true));
  }
}

function copy(from, to) {
  if (!from) return to.removeAttribute("aria-invalid"); // the refusal draws no such form
  for (const name of BY) {
    const value = from?.getAttribute(name) ?? null;
    if (value === null) to.removeAttribute(name);
    else to.setAttribute(name, value);
  }
}
