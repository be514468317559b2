// data-phrases="id other": a menu of phrases for the fields of these ids: for the one that had the focus last, at first the
// first. Opened, the first phrase has the focus; a digit or a press puts one in where the caret stands, and goes back to the
// field.
import { each } from "./each.js";

let last = null;
document.addEventListener("focusin", ({ target }) => {
  if (target.matches("textarea")) last = target;
});

each("[data-phrases]", (menu) => {
  const ids = menu.dataset.phrases.split(" ");
  const buttons = [...menu.querySelectorAll("[data-phrase]")];
  const putIn = (button) => {
    const field = last?.isConnected && ids.includes(last.id) ? last : document.getElementById(ids[0]);
    field.setRangeText(button.dataset.phrase, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    menu.open = false;
    field.focus();
  };
  menu.querySelector("summary").addEventListener("click", (event) => {
    if (menu.open) return;
    event.preventDefault(); // the browser would open it a moment later, and a digit come too early
    menu.open = true;
    buttons[0]?.focus();
  });
  menu.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phrase]");
    if (!button) return;
    event.preventDefault();
    putIn(button);
  });
  menu.addEventListener("keydown", (event) => {
    const held = event.ctrlKey || event.metaKey || event.altKey;
    const button = menu.open && !held && /^[1-9]$/.test(event.key) ? buttons[event.key - 1] : null;
    if (!button) return;
    event.preventDefault();
    putIn(button);
  });
});
