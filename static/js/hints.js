// data-hints="URL" in a form: what there is to look at in its text, asked for once the writer pauses; and what is only a
// fault where nothing more comes (a block that is not closed) once they rest or go elsewhere. Nothing is stored, nothing
// is said where the answer does not come: saving has a voice of its own.
import { each } from "./each.js";

const PAUSE = 1200;
const REST = 6000;

each("form [data-hints]", (place) => {
  const form = place.closest("form");
  let timer = 0, asking = null, unsettled = false;

  async function ask(typing) {
    asking?.abort();
    asking = new AbortController();
    try {
      const body = new URLSearchParams(new FormData(form));
      body.set("typing", typing);
      const answer = await fetch(place.dataset.hints, { method: "POST", body, signal: asking.signal, redirect: "error" });
      if (answer.ok) show(await answer.text());
    } catch {
      // offline, or asked anew meanwhile
    }
  }

  function show(html) {
    const found = new DOMParser().parseFromString(html, "text/html").body;
    const same = found.childElementCount === place.childElementCount
      && [...found.children].every((one, at) => one.isEqualNode(place.children[at]));
    if (!same) place.replaceChildren(...found.childNodes);
  }

  function pause() {
    ask(true);
    timer = setTimeout(settle, REST - PAUSE);
  }

  function settle() {
    if (!unsettled || !form.isConnected) return;
    unsettled = false;
    clearTimeout(timer);
    ask(false);
  }

  form.addEventListener("input", (event) => {
    if (!event.target.matches("textarea")) return;
    unsettled = true;
    clearTimeout(timer);
    timer = setTimeout(pause, PAUSE);
  });
  form.addEventListener("focusout", settle);
});
