// data-quote: words of the text that is being written, of which somebody spoke. While they stand in none of its fields, the
// comment around them is data-gone. What the server finds outdated stays so until the page is drawn anew.
import { each } from "./each.js";

const plain = (text) => text.replace(/\r\n?/g, "\n");

each("[data-quote]", (quote) => {
  const comment = quote.closest(".comment");
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const words = plain(quote.textContent);
  const look = () => {
    if (!quote.isConnected) return form.removeEventListener("input", look);
    const there = [...form.querySelectorAll("textarea[data-role]")].some((field) => plain(field.value).includes(words));
    comment.toggleAttribute("data-gone", !there);
  };
  form.addEventListener("input", look);
  look();
});
