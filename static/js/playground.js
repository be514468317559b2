// data-playground on the form of the playground: asks by the API and writes down both answers as they come. Escape stops.
// Without this the form is sent, and the page comes back whole.
import { each } from "./each.js";
import { tell } from "./elements.js";
import { Turn } from "./playground-turn.js";
import { told } from "./told.js";

each("form[data-playground]", (form) => {
  const { prompt, run, earlier, temperature, max_tokens, seed } = form.elements;
  const [ask, stop] = [form.querySelector("[type=submit]"), form.querySelector("[data-stops]")];
  let asking = null;

  const ready = () => {
    asking = null;
    ask.disabled = false;
    stop.hidden = true;
    prompt.focus();
  };

  form.addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    if (asking) return;
    asking = new AbortController();
    ask.disabled = true;
    stop.hidden = false;
    const [chosen, had] = [run.selectedOptions[0], JSON.parse(earlier.value)];
    const drawn = { temperature: Number(temperature.value), max_tokens: Number(max_tokens.value), seed: Number(seed.value) };
    const asked = prompt.value;
    let turn = null;
    try {
      for await (const event of told(chosen.dataset.ask, { prompt: asked, earlier: had, ...drawn }, asking.signal)) {
        if (!turn) {
          document.getElementById("messages").replaceChildren();
          turn = new Turn(asked, chosen.text, form);
          prompt.value = "";
          prompt.labels[0].textContent = "Ask both again";
          prompt.dispatchEvent(new Event("input", { bubbles: true }));
        }
        turn.take(event);
      }
      turn?.end("The line broke. Ask again.");
    } catch (why) {
      if (turn) turn.end(asking.signal.aborted ? "Stopped." : "The line broke. Ask again.");
      else if (!asking.signal.aborted) tell("Not asked.", why.sentence ?? "Penset cannot be reached. The question stands below.");
    }
    if (turn?.said.base || turn?.said.tuned) earlier.value = JSON.stringify([...had, turn.said]);
    ready();
  });

  stop.addEventListener("click", () => asking?.abort());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !asking || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    asking.abort();
  }, { capture: true });
});
