// data-grows on a textarea: as many rows as its text needs, from the rows it came with up to 60. Rows, not a height: the
// content policy forbids inline styles.
import { each } from "./each.js";

const MOST = 60;

each("textarea[data-grows]", (field) => {
  const least = field.rows;
  let length = 0;
  const typed = () => fit(field.value.length <= length); // a text that grows needs no fewer rows: long ones are laid out once a key
  const fit = (fewer = true) => {
    length = field.value.length;
    if (fewer) field.rows = least;
    const style = getComputedStyle(field);
    const line = parseFloat(style.lineHeight);
    const padding = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    const needed = Math.ceil((field.scrollHeight - padding) / line - 0.1);
    const rows = Math.min(Math.max(least, needed || 0), MOST);
    if (field.rows !== rows) field.rows = rows;
  };
  field.addEventListener("input", typed);
  field.addEventListener("draft:filled", () => fit());
  addEventListener("resize", () => fit());
  document.fonts.ready.then(() => fit());
});
