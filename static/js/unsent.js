// Words that were typed and not sent: who leaves the page is asked first. Bound to data-unsent on a form.
let sent = false;

const typed = (form) => [...form.elements].some((one) => one.matches("textarea") && one.value !== one.defaultValue);

// Those that take a form over (htmx, returns.js) keep the page, or ask again.
addEventListener("submit", (event) => (sent = !event.defaultPrevented));
addEventListener("pageshow", () => (sent = false));
addEventListener("beforeunload", (event) => {
  if (!sent && [...document.querySelectorAll("form[data-unsent]")].some(typed)) event.preventDefault();
});
