// data-copy="text" on a button: puts the text on the clipboard, says so on the button for a
// moment, and tells the button by the event "copied".
import { tell } from "./elements.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    tell("Not copied.", "This browser lets no page copy here. Select the text and copy it yourself.", "careful");
    return;
  }
  button.dispatchEvent(new Event("copied"));
  const words = button.firstChild;
  const before = words.textContent;
  if (before === "Copied") return;
  words.textContent = "Copied";
  setTimeout(() => (words.textContent = before), 2000);
});
