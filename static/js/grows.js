// data-grows on a textarea: as many rows as its text needs, from the rows it came with up to 60. Rows, not a height: the
// content policy forbids inline styles.
import { each } from "./each.js";

const MOST = 60;

each("textarea[data-grows]", (field) => {
  const least = field.rows;
  const fit = () => {
    field.rows = least;
    const style = getComputedStyle(field);
    const line = parseFloat(style.lineHeight);
    const padding = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    const needed = Math.ceil((field.scrollHeight - padding) / line - 0.1);
    field.rows = Math.min(Math.max(least, needed || 0), MOST);
  };
  field.addEventListener("input", fit);
  field.addEventListener("draft:filled", fit);
  addEventListener("resize", fit);
  document.fonts.ready.then(fit);
});
