// data-hints="URL" in a form: what there is to look at in its text, asked for once the writer pauses. Nothing is stored,
// nothing is said where the answer does not come: saving has a voice of its own.
import { each } from "./each.js";

const PAUSE = 1200;

each("form [data-hints]", (place) => {
  const form = place.closest("form");
  let timer = 0, asking = null;

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(place.dataset.hints, { method: "POST", body, signal: asking.signal, redirect: "error" });
      if (answer.ok) show(await answer.text());
    } catch {
      // offline, or asked anew meanwhile
    }
  }

  function show(html) {
    const found = new DOMParser().parseFromString(html, "text/html").body;
    if (found.textContent.trim() !== place.textContent.trim()) place.replaceChildren(...found.childNodes);
  }

  form.addEventListener("input", (event) => {
    if (!event.target.matches("textarea")) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
});
