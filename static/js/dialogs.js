// How does a script ask something over the text, without leaving it? With a dialog of its own, gone once it is closed.
import { element } from "./elements.js";

let made = 0;

/** Puts the caret back where it is now. A dialog that a click closes gives the focus back without it: keys would be lost. */
function caret() {
  const field = document.activeElement;
  const { selectionStart: start, selectionEnd: end } = field;
  return () => {
    if (Number.isInteger(start) && field === document.activeElement) field.setSelectionRange(start, end);
  };
}

/** A dialog that is open. Resolves `answer` when a button of it, or Escape ("") closes it. */
export function ask(title, classes, ...content) {
  made += 1;
  const id = `asked-${made}`;
  const heading = element("h2", { id }, title);
  const dialog = element("dialog", { class: `keys ${classes}`.trim(), "aria-labelledby": id }, heading, ...content);
  document.body.append(dialog);
  const goOn = caret();
  const answer = new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      goOn();
      resolve(dialog.returnValue);
    });
  });
  dialog.showModal();
  return { dialog, answer };
}

/** A button that closes its dialog with this answer. */
export function choice(value, text, kind = "") {
  return element("button", { class: `button ${kind}`.trim(), value }, text);
}
