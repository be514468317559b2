// data-comment-form: words selected in a [data-part] are what the form, opened by its summary (the key c), speaks of. While
// some are selected, data-comment-pick is there to be touched.
// Places are code points of the raw text: labels of unseen characters, numbers of comments and deleted words do not count.
import { each } from "./each.js";

const OURS = ".invisible, sup, del";
let picked = null;

const length = (text) => [...text].length;

/** How many code points of the raw text stand before a place. */
function before(root, container, offset) {
  const place = document.createRange();
  place.setStart(container, offset);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let count = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest(OURS)) continue;
    if (node === container) return count + length(node.data.slice(0, offset));
    if (place.comparePoint(node, 0) >= 0) return count;
    count += length(node.data);
  }
  return count;
}

/** The raw text of a turn as it stands on the page. */
function raw(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let text = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest(OURS)) text += node.data;
  }
  return text;
}

/** What is selected: words of one turn; of several turns, those in the first. */
export function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const turn = elementOf(range.startContainer)?.closest("[data-part]");
  const root = turn?.querySelector(".written");
  if (!root?.contains(range.startContainer)) return null;
  const { part, turn: number } = turn.dataset;
  if (root.matches(".rendered")) return { quote: selection.toString(), part, turn: number };
  const start = before(root, range.startContainer, range.startOffset);
  const within = root.contains(range.endContainer);
  const end = within ? before(root, range.endContainer, range.endOffset) : Infinity;
  const quote = [...raw(root)].slice(start, end).join("");
  return quote ? { quote, part, turn: number, starts_at: start } : null;
}

const elementOf = (node) => (node instanceof Element ? node : node.parentElement);

document.addEventListener("selectionchange", () => {
  const found = selected();
  if (found) picked = found;
  for (const button of document.querySelectorAll("[data-comment-pick]")) button.hidden = !found;
});

// A finger on the button would take the selection away before it is pressed.
each("[data-comment-pick]", (button) => {
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    button.hidden = true;
    document.querySelector("[data-comment-form] > summary").click();
  });
});

each("[data-comment-form]", (details) => {
  const form = details.querySelector("form");
  const quote = form.elements.quote;
  const place = (found) => {
    for (const name of ["part", "turn", "starts_at"]) {
      form.elements[name].disabled = found?.[name] === undefined;
      form.elements[name].value = found?.[name] ?? "";
    }
  };
  details.querySelector("summary").addEventListener("click", (event) => {
    const found = selected() ?? picked;
    if (!found && details.open) return;
    event.preventDefault();
    details.open = true;
    if (found) {
      quote.value = quote.dataset.stored = found.quote; // not typed by anybody: unsent.js
      place(found);
    }
    picked = null;
    details.scrollIntoView({ block: "nearest" });
    (found ? form.elements.body : quote).focus();
  });
  quote.addEventListener("input", () => place(null));
});
