// A stored text may hold carriage returns, which a field shows as line breaks and a form would send as such. No form
// changes them unasked: data-has-cr on a textarea stops its form until somebody says yes. (Drafts: draft-keeper.js.)
import { acceptLineEnds, losesReturns } from "./draft-form.js";
import { pressable, tell } from "./elements.js";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-autosave") || !losesReturns(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const yes = pressable("Send with line breaks", () => {
    acceptLineEnds(form);
    document.getElementById("messages").replaceChildren();
    form.requestSubmit(event.submitter);
  });
  tell("Nothing was sent.", "This text holds carriage returns, which a browser turns into line breaks.", "careful", yes);
}, { capture: true });
