// data-counts="id" on a field: how many words and characters (code points, as the server counts) stand in it, in #id.
import { each } from "./each.js";

/** Words (runs of what is not white space) and code points of a text. */
export function count(text) {
  let characters = 0;
  for (const _ of text) characters += 1;
  return { words: text.match(/\S+/gu)?.length ?? 0, characters };
}

each("[data-counts]", (field) => {
  const counter = document.getElementById(field.dataset.counts);
  if (!counter) return;
  const show = () => {
    const { words, characters } = count(field.value);
    const parts = { "[data-count-words]": words, "[data-count-characters]": characters };
    for (const [selector, number] of Object.entries(parts)) {
      const place = counter.querySelector(selector);
      if (place) place.textContent = number.toLocaleString("en");
    }
    counter.title = `${characters.toLocaleString("en")} characters`;
  };
  field.addEventListener("input", show);
  field.addEventListener("draft:filled", show);
  show();
});
