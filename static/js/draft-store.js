// Where does text wait that could not be sent? In this tab's storage, under the person and the place that it belongs to,
// so that nobody else who signs in here ever sees or sends it.

const key = (form) => `penset:draft:${form.dataset.user}:${form.dataset.place}`;

/** Keep an unsent draft with the revision that it was written on. False when the browser has no room. */
export function keep(form, draft, revision) {
  try {
    sessionStorage.setItem(key(form), JSON.stringify({ draft, revision }));
    return true;
  } catch {
    return false;
  }
}

/** The unsent draft of this person at this place, or null. */
export function kept(form) {
  try {
    return JSON.parse(sessionStorage.getItem(key(form)));
  } catch {
    return null;
  }
}

/** Forget every copy in this tab: the person signs out. */
export function forgetAll() {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith("penset:draft:")) sessionStorage.removeItem(name);
  }
}

/** Forget it: it is stored on the server, or the person let it go. */
export const drop = (form) => sessionStorage.removeItem(key(form));
