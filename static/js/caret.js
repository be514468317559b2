// data-caret="end" on a field, or how many code points into its text its writer had stopped: there the caret stands when the
// page opens, so that the first key is the first character. Not where the address opens something else, or somebody types.
import { each } from "./each.js";

each("textarea[data-caret]", (field) => {
  if (document.activeElement !== document.body || location.hash) return;
  const { caret } = field.dataset;
  const at = caret === "end" ? field.value.length : [...field.value].slice(0, Number(caret)).join("").length;
  field.focus({ preventScroll: at === 0 });
  field.setSelectionRange(at, at);
});
