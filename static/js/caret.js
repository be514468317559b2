// data-caret="end" on a field, or how many code points into its text its writer had stopped: there the caret stands when the
// page opens, so that the first key is the first character. Not where the address opens something else, or somebody types.
// Where the page says what it refused, that stays in view and is read with the field.
import { each } from "./each.js";

each("textarea[data-caret]", (field) => {
  if (document.activeElement !== document.body || location.hash) return;
  const { caret } = field.dataset;
  const at = caret === "end" ? field.value.length : [...field.value].slice(0, Number(caret)).join("").length;
  const refused = document.getElementById("refused");
  if (refused) field.setAttribute("aria-describedby", refused.id);
  field.focus({ preventScroll: at === 0 || refused !== null });
  field.setSelectionRange(at, at);
});
