// data-quote-into="id": a button, there while words of a text are selected (the key c), that puts them into the field of that id
// as a quote, with the caret behind it.
import { each } from "./each.js";
import { selected } from "./comments.js";

document.addEventListener("selectionchange", () => {
  for (const button of document.querySelectorAll("[data-quote-into]")) button.hidden = !selected();
});

each("[data-quote-into]", (button) => {
  // A finger on the button would take the selection away before it is pressed.
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    const found = selected();
    if (!found) return;
    const field = document.getElementById(button.dataset.quoteInto);
    const before = field.value && !field.value.endsWith("\n") ? "\n\n" : "";
    const quote = found.quote.trimEnd().replaceAll(/^/gm, "> ");
    field.setRangeText(`${before}${quote}\n\n`, field.value.length, field.value.length, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    button.hidden = true;
    field.focus();
  });
});
