// data-lease="seconds" or "lost" in the form of a sheet: how long its writer still has the place in the prompt. Said only when
// it matters: data-lease-early seconds before it lapses, once it has, and, in the words of data-lease-lost, where it is gone.
// Each save tells anew.
import { each } from "./each.js";
import { element, pressable } from "./elements.js";

const TICK = 5000;
const WAYS = {
  soon: ["Your place in this prompt lapses soon, unless you type or save", "Keep it"],
  lapsed: ["Your place in this prompt has lapsed: it may be given to somebody else", "Take it back"],
};

each("form[data-autosave] [data-lease]", (place) => {
  const form = place.closest("form");
  const early = Number(place.dataset.leaseEarly);
  const minutes = element("span", { "aria-hidden": "true" }); // who hears the page hears of a change, not of every minute
  let until = 0, lost = false, said = "";

  function told({ held, seconds }) {
    lost = !held;
    until = seconds === null ? Infinity : Date.now() + seconds * 1000;
    look();
  }

  function look() {
    const left = (until - Date.now()) / 1000;
    const state = lost ? "lost" : left <= 0 ? "lapsed" : left <= early ? "soon" : "";
    minutes.textContent = state === "soon" ? ` (${Math.ceil(left / 60)} min)` : "";
    if (state === said) return;
    said = state;
    place.replaceChildren(...(state === "lost" ? [place.dataset.leaseLost] : saying(state)));
  }

  function saying(state) {
    const [words, way] = WAYS[state] ?? [];
    const hold = () => form.dispatchEvent(new Event("draft:hold"));
    return words ? [words, minutes, ". ", pressable(way, hold)] : [];
  }

  form.addEventListener("draft:saved", (event) => told(event.detail));
  document.addEventListener("visibilitychange", look);
  setInterval(look, TICK);
  const { lease } = place.dataset;
  told({ held: lease !== "lost", seconds: lease === "lost" ? null : Number(lease) });
});
