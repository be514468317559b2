// What does data-save-status say? "Saved 3 s ago", "Saving…", or why not, and what is kept. The running time is hidden
// from screen readers: they hear a change of state, not every second.
import { element } from "./elements.js";

const SLOW = 400;
const KEPT = "Kept on this device.";
const ONLY_HERE = "It stands on this page alone, since this browser has no room for a copy: do not close it.";

/** How long ago, in the words of the page. */
export function ago(seconds) {
  if (seconds < 1) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  const days = Math.floor(seconds / 86400);
  if (days < 1) return `${Math.floor(seconds / 3600)} h ago`;
  return days === 1 ? "yesterday" : `${days} days ago`;
}

/** The voice of one form: `saving`, `saved`, `not(reason, …buttons)`; `kept(stored)`: where that stands which is not saved. */
export function voice(place) {
  const words = place.appendChild(element("span"));
  const where = place.appendChild(element("span"));
  const ways = place.appendChild(element("span"));
  const time = place.appendChild(element("span", { "aria-hidden": "true" }));
  let savedAt = null, slow = 0;
  const tick = () => {
    if (savedAt !== null) time.textContent = ` ${ago((Date.now() - savedAt) / 1000)}`;
  };
  let said = "";
  const say = (state, text, ...buttons) => {
    clearTimeout(slow);
    place.dataset.state = state;
    where.hidden = state !== "unsaved";
    if (said !== text) { // never the button under somebody's finger
      words.replaceChildren(text);
      ways.replaceChildren(...buttons.flatMap((button) => [" ", button]));
    }
    said = text;
    time.textContent = "";
    tick();
  };
  setInterval(tick, 1000);
  return {
    saving() {
      clearTimeout(slow);
      slow = setTimeout(() => {
        savedAt = null;
        say("saving", "Saving…");
      }, SLOW);
    },
    saved(moment) {
      savedAt = moment;
      say("saved", "Saved");
    },
    kept(stored) {
      const text = ` ${stored ? KEPT : ONLY_HERE}`;
      if (where.textContent !== text) where.replaceChildren(text);
    },
    not(reason, ...buttons) {
      savedAt = null;
      say("unsaved", `Not saved: ${reason}`, ...buttons);
    },
  };
}
