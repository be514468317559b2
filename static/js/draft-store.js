// Where does text wait that could not be sent? In this tab's storage, under the person and the place that it belongs to,
// so that nobody else who signs in here ever sees or sends it. What no longer fits the draft is set aside under a key of
// its own: what is typed from then on is kept beside it, never over it.

const key = (form) => `penset:draft:${form.dataset.user}:${form.dataset.place}`;
const asideKey = (form) => `${key(form)}:aside`;

let signsOut = false; // what a save on its way would keep then is no longer to be kept; who types on has stayed
addEventListener("input", () => (signsOut = false), { capture: true });

function put(name, value) {
  if (signsOut) return false;
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function forget(name) {
  try {
    sessionStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

function get(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
}

function names() {
  try {
    return Object.keys(sessionStorage);
  } catch {
    return [];
  }
}

/** Keep an unsent draft with the revision that it was written on. False when the browser has no room. */
export const keep = (form, draft, revision) => put(key(form), { draft, revision });

/** The unsent draft of this person at this place, or null. */
export const kept = (form) => get(key(form));

/** Forget it: it is stored on the server, or the person let it go. */
export const drop = (form) => forget(key(form));

/** The texts that were set aside at this place, oldest first. */
export const aside = (form) => get(asideKey(form)) ?? [];

/** Set a text aside in place of the unsent draft. False when the browser has no room. */
export function setAside(form, text) {
  drop(form);
  const texts = aside(form);
  return texts.includes(text) || put(asideKey(form), [...texts, text]);
}

/** Forget a text that was set aside. */
export function letGo(form, text) {
  put(asideKey(form), aside(form).filter((one) => one !== text));
}

/** Forget every copy in this tab: the person signs out. */
export function forgetAll() {
  signsOut = true;
  for (const name of names()) {
    if (name.startsWith("penset:draft:")) forget(name);
  }
}
