// data-rubric: a digit rates the ringed row (data-next), then the next row without a rating is ringed.
import { each } from "./each.js";
import { isTyping } from "./keys.js";

each("[data-rubric]", (rubric) => {
  const rows = () => [...rubric.querySelectorAll("fieldset")];
  const ring = () => {
    const open = rows().find((row) => !row.querySelector(":checked"));
    for (const row of rows()) row.toggleAttribute("data-next", row === open);
  };
  rubric.addEventListener("change", ring);
  document.addEventListener("keydown", (event) => {
    if (!rubric.isConnected || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!/^[0-9]$/.test(event.key) || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const row = rubric.querySelector("[data-next]") ?? rows().at(-1);
    const choice = row?.querySelector(`input[value="${event.key}"]`);
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  });
  ring();
});
