// What does a key press? The visible element whose data-key names it ("a", "?", "Ctrl+Enter", "u Alt+u"); a field gets the
// focus. Never while somebody types, save with Ctrl, ⌘ or Alt; Escape leaves the text. In an open dialog only its own keys
// count.

const NOT_TYPING = new Set(["checkbox", "radio", "button", "submit", "reset", "file", "range", "color"]);

/** Whether keys go into this element as text. */
export function isTyping(target) {
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && !NOT_TYPING.has(target.type);
}

// With Alt some keyboards write another sign, so that the letter is known by its place.
const letter = (event) => (/^[a-z]$/i.test(event.key) ? event.key : event.code.replace("Key", "")).toLowerCase();

const usable = (element) =>
  element.checkVisibility() && !element.disabled && element.getAttribute("aria-disabled") !== "true";

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.repeat || event.defaultPrevented) return;
  if (!(event.target instanceof Element)) return;
  const held = event.ctrlKey || event.metaKey;
  if (held && event.altKey) return;
  const typing = isTyping(event.target);
  if (typing && event.key === "Escape") return event.target.blur();
  if (typing && !held && !event.altKey) return;
  const place = document.querySelector("dialog[open]") ?? document;
  const name = CSS.escape(event.altKey ? `Alt+${letter(event)}` : (held ? "Ctrl+" : "") + event.key);
  const pressed = [...place.querySelectorAll(`[data-key~="${name}"]`)].find(usable);
  if (!pressed) return;
  event.preventDefault();
  if (isTyping(pressed)) pressed.focus();
  else pressed.click();
});
