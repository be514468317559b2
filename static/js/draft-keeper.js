// What happens to a draft between a key press and the server? One save at a time, each outcome with its way on.
import { choose, joined } from "./conflict.js";
import { send } from "./draft-api.js";
import * as drafts from "./draft-form.js";
import * as store from "./draft-store.js";
import { pressable } from "./elements.js";
import { leaving } from "./leaving.js";
import * as provenance from "./provenance.js";
import { putAside, waits } from "./put-aside.js";
import { signInAgain } from "./sign-in-again.js";

const BACK_OFF = [1, 2, 4, 8, 15, 30];
const UNHEARD = 20;

/** Keeps one form's draft; `status` is its voice. `save()` sends what is not stored yet, and ends when that is known. */
export function keeper(form, status) {
  let stored = drafts.read(form), running = null, held = "", tries = 0, timer = 0, going = false;
  let unheard = []; // what was sent on this revision and may be stored, though no answer came

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
    while (!held && changed()) {
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
    const said = await send(form.dataset.autosave, sent.typed ? { ...body, typed: sent.typed } : body);
    return outcomes[said.kind](said, sent);
  }

  function settle({ draft, typed }, revision) {
    stored = draft;
    provenance.kept(form, typed);
    tries = 0;
    unheard = [];
    drafts.noteRevision(form, revision);
    status.saved(Date.now());
    if (changed()) keep();
    else if (!leaving()) store.drop(form);
    return true;
  }

  const outcomes = {
    saved: (said, sent) => settle(sent, said.revision),
    newer(said, sent) {
      const ours = [...unheard, sent].find(({ draft }) => drafts.same(said.current, draft)); // its answer was lost
      return ours ? settle(ours, said.current.revision) : decide(said);
    },
    refused: (said) => unsaved(said.reason),
    away(said, sent) {
      unsaved(said.reason);
      if (said.lost) unheard = [...unheard, sent].slice(-UNHEARD);
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
    const here = drafts.read(form);
    const answer = await choose(form, here, current, compared);
    if (answer === "") return undecided("this draft is newer elsewhere.");
    if (answer === "there" && !drafts.fill(form, current)) return goThere(here);
    held = "";
    if (answer === "both") drafts.fill(form, joined(here, current));
    return settle({ draft: answer === "there" ? drafts.read(form) : current, typed: null }, current.revision);
  }

  const undecided = (reason) => unsaved(reason, pressable("Compare the two", resume));

  /** Other turns have no place in this form: the page is drawn anew, and what stands here waits beside it. */
  function goThere(here) {
    if (!putAside(form, here) && waits(form)) return undecided("there is no room to put it aside. Copy it, then compare again.");
    going = true;
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
    return unsaved(reason, pressable("Save with line breaks", yes));
  }

  return { save, keep, settled, safe, resume, askAboutReturns, stored: () => stored };
}
