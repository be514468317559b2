// data-autosave="URL" on a form keeps what is written in it: a second after the last key, at least every five seconds of
// typing, when the field or the page is left, and before the form itself is posted. With it stand data-user and data-place
// (whose text, and where it belongs), hidden inputs revision and user_id, and a data-save-status.
//
//   PUT URL {messages: [{role, content}], prompt: text|null, system?: text, caret, revision, user_id, typed?: counts}
//   200 {revision, saved_at} · 401 · 409 problem with current: {messages, prompt, revision, saved_at} and what differs
import { keeper } from "./draft-keeper.js";
import { fill, losesReturns, noteRevision, same } from "./draft-form.js";
import * as store from "./draft-store.js";
import { each } from "./each.js";
import { asksFirst, putAside, showAside } from "./put-aside.js";
import { voice } from "./save-status.js";

const PAUSE = 1000;
const AT_MOST = 5000;

each("form[data-autosave]", (form) => {
  const place = form.querySelector("[data-save-status]");
  const { savedSeconds } = place.dataset; // since then: the clock of this computer may be wrong
  place.replaceChildren();
  const status = voice(place);
  if (savedSeconds) status.saved(Date.now() - 1000 * Number(savedSeconds));
  const draft = keeper(form, status);
  const early = !draft.settled();
  takeUp(form, draft, early);
  listen(form, draft);
  guard(form, draft);
  showAside(form);
  if (early) form.querySelector("textarea").dispatchEvent(new Event("input", { bubbles: true }));
});

/** Save soon after a key, and at once when the writer turns away. */
function listen(form, draft) {
  let timer = 0, since = 0;
  const now = () => {
    clearTimeout(timer);
    timer = 0;
    return draft.save();
  };
  form.addEventListener("input", (event) => {
    if (!event.target.matches("textarea, [name=category_id]")) return;
    draft.keep();
    if (timer === 0) since = Date.now();
    clearTimeout(timer);
    timer = setTimeout(now, Math.max(0, Math.min(PAUSE, since + AT_MOST - Date.now())));
  });
  form.addEventListener("focusout", now);
  form.addEventListener("draft:hold", () => draft.hold());
  addEventListener("online", now);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) now();
  });
  form.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
    event.preventDefault();
    now();
  });
}

/** Nobody leaves or posts with unsent text unwarned, and the form is posted on the revision that is stored. */
function guard(form, draft) {
  let leaving = false;
  form.addEventListener("submit", async (event) => {
    if (asksFirst(form, event.submitter)) return event.preventDefault();
    if (draft.settled() && !losesReturns(form)) {
      leaving = true;
      return;
    }
    event.preventDefault();
    if (losesReturns(form)) return draft.askAboutReturns();
    await draft.resume();
    if (draft.settled()) form.requestSubmit(event.submitter);
    else form.querySelector("[data-save-status]").scrollIntoView({ block: "nearest" });
  });
  addEventListener("pageshow", () => (leaving = false));
  addEventListener("beforeunload", (event) => {
    if (!leaving && !draft.safe()) event.preventDefault();
  });
}

/**
 * Text that an earlier visit could not send goes into the form again, on the revision that it was written on: if the draft
 * moved on since, each save is a conflict until the writer has decided. Where something was typed while this script was
 * still on its way (`early`), that stands, and the text from before is shown beside it.
 */
function takeUp(form, draft, early) {
  const waiting = store.kept(form);
  if (waiting === null) return;
  if (same(waiting.draft, draft.stored())) return store.drop(form);
  if (early || !fill(form, waiting.draft)) return putAside(form, waiting.draft);
  noteRevision(form, waiting.revision);
  return draft.save();
}
