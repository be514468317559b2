// What happens to a draft between a key press and the server? One save at a time, each outcome with its way on.
import { resolve } from "./conflict.js";
import { sender } from "./draft-api.js";
import * as drafts from "./draft-form.js";
import * as store from "./draft-store.js";
import { pressable } from "./elements.js";
import { leaving } from "./leaving.js";
import * as provenance from "./provenance.js";
import { waits, waysOut } from "./put-aside.js";
import { signInAgain } from "./sign-in-again.js";

const BACK_OFF = [1, 2, 4, 8, 15, 30];

/** Keeps one form's draft; `status` is its voice. `save()` sends what is not stored yet, and ends when that is known. */
export function keeper(form, status) {
  let stored = drafts.drawn(form), running = null, held = "", tries = 0, timer = 0, going = false, fresh = false;
  const send = sender(form.dataset.autosave);

  const changed = () => !drafts.same(drafts.read(form), stored);
  const settled = () => running === null && !changed();
  const safe = () => going || (settled() && !waits(form));

  /** Keep what stands here in this tab too, and say whether there was room. */
  function keep() {
    status.kept(store.keep(form, drafts.read(form), drafts.revision(form)));
  }

  function unsaved(reason, ...ways) {
    keep();
    status.not(reason, ...ways);
    return false;
  }

  function save() {
    clearTimeout(timer);
    running ??= sendAll().finally(() => (running = null));
    return running;
  }

  async function sendAll() {
    while (!held && (fresh || changed())) {
      if (drafts.losesReturns(form)) return askAboutReturns();
      if (!(await attempt())) return false;
    }
    return true;
  }

  /** Send the draft as it stands. True when the text may go on being sent. */
  async function attempt() {
    const sent = { draft: drafts.read(form), typed: provenance.since(form) };
    status.saving();
    const body = { ...sent.draft, caret: drafts.caret(form), revision: drafts.revision(form), user_id: Number(form.dataset.user) };
    const said = await send(sent, sent.typed ? { ...body, typed: sent.typed } : body);
    return outcomes[said.kind](said);
  }

  function settle({ draft, typed }, revision, hold) {
    if (hold) form.dispatchEvent(new CustomEvent("draft:saved", { detail: hold }));
    stored = draft;
    fresh = false;
    provenance.kept(form, typed);
    tries = 0;
    drafts.noteRevision(form, revision);
    status.saved(Date.now());
    if (changed()) keep();
    else if (!leaving()) store.drop(form);
    return true;
  }

  const outcomes = {
    saved: (said) => settle(said.sent, said.revision, said.hold),
    newer: (said) => decide(said),
    refused: (said) => unsaved(said.reason, ...(said.mends ? [] : waysOut(form, said.late))),
    away(said) {
      unsaved(said.reason);
      const wait = Math.max(said.wait, BACK_OFF[Math.min(tries, BACK_OFF.length - 1)]);
      tries += 1;
      timer = setTimeout(save, wait * 1000);
      return false;
    },
    async "signed-out"() {
      held = "signed out";
      unsaved("your sign-in has ended.", pressable("Sign in", resume));
      const person = await signInAgain();
      if (person === null) return false;
      if (String(person.user_id) === form.dataset.user) return !(held = "");
      held = "somebody else";
      return unsaved(`you are now signed in as ${person.name}. This text is somebody else's and is not sent.`);
    },
  };

  async function decide({ current, compared }) {
    held = "undecided";
    const { draft, undecided } = await resolve(form, current, compared);
    if (undecided) return unsaved(undecided, pressable("Compare the two", resume));
    if (draft) {
      held = "";
      return settle({ draft, typed: null }, current.revision);
    }
    going = true;
    return location.reload();
  }

  function resume() {
    if (held !== "somebody else") held = "";
    return save();
  }

  function askAboutReturns() {
    const yes = () => (drafts.acceptLineEnds(form), save());
    const reason = "this text holds carriage returns, which a browser turns into line breaks.";
    return unsaved(reason, pressable("Save with line breaks", yes));
  }

  /** Save though nothing is new: that holds the place. */
  const hold = () => ((fresh = true), resume());

  return { save, hold, keep, settled, safe, resume, askAboutReturns, stored: () => stored };
}
