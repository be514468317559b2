// Words that were typed and not sent: who leaves the page is asked first. Bound to data-unsent on a form. A field that was
// drawn with what somebody had typed before says what is stored of it: data-stored.
let sent = false;

const stored = (field) => (field.dataset.stored ?? field.defaultValue).replace(/\r\n?/g, "\n");
const typed = (form) => [...form.elements].some((one) => one.matches("textarea") && one.value !== stored(one));

// Those that take a form over (htmx, returns.js) keep the page, or ask again.
addEventListener("submit", (event) => (sent = !event.defaultPrevented && event.target.matches("[data-unsent]")));
addEventListener("pageshow", () => (sent = false));
addEventListener("beforeunload", (event) => {
  if (!sent && [...document.querySelectorAll("form[data-unsent]")].some(typed)) event.preventDefault();
});
