// Words that were typed and not sent: who leaves the page is asked first. Bound to data-unsent on a form. A field that was
// drawn with what somebody had typed before says what is stored of it: data-stored. Who sends another form, whose answer
// takes the place of such words, is asked on the page.
import { pressable, tell } from "./elements.js";

const UNSENT = "form[data-unsent]";
const agreed = new WeakSet();
let sent = false;

const stored = (field) => (field.dataset.stored ?? field.defaultValue).replace(/\r\n?/g, "\n");
const typed = (form) => [...form.elements].some((one) => one.matches("textarea") && one.value !== stored(one));

/** Whether the answer to this form takes the place of words in another one. */
function replaces(form) {
  const target = form.getAttribute("hx-target");
  const place = target?.match(/^[.#]/) ? document.querySelector(target) : null;
  return [...(place?.querySelectorAll(UNSENT) ?? [])].some((one) => one !== form && typed(one));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (agreed.has(form) || !replaces(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const goOn = pressable("Go on without it", () => {
    document.getElementById("messages").replaceChildren();
    agreed.add(form);
    form.requestSubmit(event.submitter);
  });
  tell("Nothing was sent.", "Beside it stands a text of yours that was not sent, and would be gone.", "careful", goOn);
  document.getElementById("messages").scrollIntoView({ block: "nearest" });
}, { capture: true });

// Those that take a form over (htmx, returns.js) keep the page, or ask again.
addEventListener("submit", (event) => (sent = !event.defaultPrevented && event.target.matches("[data-unsent]")));
addEventListener("pageshow", () => (sent = false));
addEventListener("beforeunload", (event) => {
  if (!sent && [...document.querySelectorAll(UNSENT)].some(typed)) event.preventDefault();
});
