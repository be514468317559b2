// What happens to a draft between a key press and the server? One save at a time, each outcome with its way on.
import { choose, joined } from "./conflict.js";
import { send } from "./draft-api.js";
import * as drafts from "./draft-form.js";
import * as store from "./draft-store.js";
import { pressable } from "./elements.js";
import { leaving } from "./leaving.js";
import * as provenance from "./provenance.js";
import { signInAgain } from "./sign-in-again.js";

const BACK_OFF = [1, 2, 4, 8, 15, 30];
const KEPT = "Kept on this device.";

/** Keeps one form's draft; `status` is its voice. `save()` sends what is not stored yet, and ends when that is known. */
export function keeper(form, status) {
  let stored = drafts.read(form), running = null, held = "", tries = 0, timer = 0;

  const changed = () => !drafts.same(drafts.read(form), stored);
  const settled = () => running === null && !changed();

  function save() {
    clearTimeout(timer);
    running ??= sendAll().finally(() => (running = null));
    return running;
  }

  async function sendAll() {
    while (!held && changed()) {
      if (drafts.losesReturns(form)) return askAboutReturns();
      if (!(await attempt())) return undefined;
    }
  }

  /** Send the draft as it stands. True when the text may go on being sent. */
  async function attempt() {
    const draft = drafts.read(form);
    status.saving();
    const body = { ...draft, caret: drafts.caret(form), revision: drafts.revision(form), user_id: Number(form.dataset.user) };
    const typed = provenance.since(form);
    const said = await send(form.dataset.autosave, typed ? { ...body, typed } : body);
    if (said.kind === "saved") provenance.kept(form, typed);
    return outcomes[said.kind](said, draft);
  }

  function settle(draft, revision) {
    stored = draft;
    tries = 0;
    drafts.noteRevision(form, revision);
    status.saved(Date.now());
    if (changed()) store.keep(form, drafts.read(form), revision);
    else if (!leaving()) store.drop(form);
    return true;
  }

  const outcomes = {
    saved: (said, draft) => settle(draft, said.revision),
    newer(said, draft) {
      if (drafts.same(said.current, draft)) return settle(draft, said.current.revision); // ours; its answer was lost
      return decide(said.current);
    },
    refused(said) {
      status.not(`${said.reason} ${KEPT}`);
      return false;
    },
    away(said) {
      status.not(`${said.reason} ${KEPT}`);
      const wait = Math.max(said.wait, BACK_OFF[Math.min(tries, BACK_OFF.length - 1)]);
      tries += 1;
      timer = setTimeout(save, wait * 1000);
      return false;
    },
    async "signed-out"() {
      held = "signed out";
      status.not(`your sign-in has ended. ${KEPT}`, pressable("Sign in", resume));
      const person = await signInAgain();
      if (person === null) return false;
      if (String(person.user_id) === form.dataset.user) return !(held = "");
      held = "somebody else";
      status.not(`you are now signed in as ${person.name}. This text is somebody else's and is not sent.`);
      return false;
    },
  };

  async function decide(current) {
    held = "undecided";
    const answer = await choose(drafts.read(form), current);
    if (answer === "") {
      status.not(`this draft is newer elsewhere. ${KEPT}`, pressable("Compare the two", () => decide(current).then(save)));
      return false;
    }
    held = "";
    const here = drafts.read(form);
    if (answer === "there" && !drafts.fill(form, current)) return reload();
    if (answer === "both") drafts.fill(form, joined(here, current));
    return settle(answer === "there" ? drafts.read(form) : current, current.revision);
  }

  function reload() {
    stored = drafts.read(form);
    store.drop(form);
    return location.reload();
  }

  function resume() {
    if (held !== "somebody else") held = "";
    return save();
  }

  function askAboutReturns() {
    const yes = () => {
      drafts.acceptLineEnds(form);
      save();
    };
    const reason = "this text holds carriage returns, which a browser turns into line breaks.";
    status.not(reason, pressable("Save with line breaks", yes));
  }

  return { save, settled, decide, resume, askAboutReturns, stored: () => stored };
}
