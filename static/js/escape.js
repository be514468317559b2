// What does Escape close? A menu, else a drawer that is open. The focus goes back to what had opened it.
import { isTyping } from "./keys.js";

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const menu = [...document.querySelectorAll("details[open] > .menu")].at(-1)?.parentElement;
  const closing = document.querySelector(".drawer:target [data-drawer-close]");
  if (!menu && !closing) return;
  event.preventDefault();
  if (!menu) return closing.click();
  menu.open = false;
  menu.querySelector("summary").focus();
});
