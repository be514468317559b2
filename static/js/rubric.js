// data-rubric: a digit rates the ringed row (data-next), then the next row without a rating is ringed. Digits are heard on the
// whole page, so that none is lost that comes before what htmx has brought is bound.
import { each } from "./each.js";
import { isTyping } from "./keys.js";

const rowsOf = (rubric) => [...rubric.querySelectorAll("fieldset")];
const nextOf = (rubric) => rowsOf(rubric).find((row) => !row.querySelector(":checked"));

/** Put the ring where the next digit goes. */
function ring(rubric) {
  const next = nextOf(rubric);
  for (const row of rowsOf(rubric)) row.toggleAttribute("data-next", row === next);
}

each("[data-rubric]", ring);

document.addEventListener("change", ({ target }) => {
  const rubric = target.closest("[data-rubric]");
  if (rubric) ring(rubric);
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !/^[0-9]$/.test(event.key)) return;
  const rubric = document.querySelector("[data-rubric]");
  if (!rubric || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const row = nextOf(rubric) ?? rowsOf(rubric).at(-1);
  const choice = row?.querySelector(`input[value="${event.key}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
});
