// How does a draft reach the server, and what did it say? PUT {messages, prompt, revision, user_id}; one kind an outcome.
import { same } from "./draft-form.js";

const KEEPALIVE_LIMIT = 60_000;
const UNHEARD = 20;
const PATIENCE = 30_000; // ms until a line that says nothing is given up, and as many more as a slow one takes
const SLOWEST = 2; // bytes a ms
const LONGEST_WAIT = 300; // seconds: a server that asks for more is asked again all the same

/**
 * What sends one draft after another to an address. It is given {draft, typed} and the body, and gives
 *
 * {kind: "saved", sent, revision, hold?: {held, seconds}} · {kind: "newer", current, compared} · {kind: "signed-out"} · {kind: "refused", reason,
 * mends: whether another text would be taken, late: whether the draft is over} · {kind: "away", reason, wait} with the seconds that
 * the server asks to wait, or 0. What may be stored though no answer
 * came is remembered: what is newer elsewhere may be this, and then it is saved.
 */
export function sender(url) {
  let unheard = [];
  return async (sent, body) => {
    const said = await put(url, body);
    if (said.kind === "away" && said.lost) unheard = [...unheard, sent].slice(-UNHEARD);
    if (said.kind === "saved") return heard(sent, said.revision, said.hold);
    const ours = said.kind === "newer" && [...unheard, sent].find(({ draft }) => same(said.current, draft));
    return ours ? heard(ours, said.current.revision) : said;
  };

  function heard(sent, revision, hold) {
    unheard = [];
    return { kind: "saved", sent, revision, hold };
  }
}

async function put(url, draft) {
  const body = JSON.stringify(draft);
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const keepalive = document.hidden && new Blob([body]).size < KEEPALIVE_LIMIT; // of bytes, not characters
  const online = navigator.onLine;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), PATIENCE + body.length / SLOWEST);
  let answer, said;
  try {
    answer = await fetch(url, { method: "PUT", headers, body, keepalive, signal: silence.signal });
    said = await answer.json().catch(() => ({}));
  } catch {
    return away(reasonOf(silence.signal), { lost: online });
  } finally {
    clearTimeout(timer);
  }
  if (answer.ok && Number.isInteger(said.revision)) return { kind: "saved", revision: said.revision, hold: holdOf(said) };
  if (answer.status === 401) return { kind: "signed-out" };
  if ([409, 412].includes(answer.status) && said.current) return { kind: "newer", current: said.current, compared: said.compared };
  if (answer.status >= 400 && answer.status < 500 && ![408, 425, 429].includes(answer.status)) return refusal(answer.status, said);
  const reason = answer.ok ? "what answers is not Penset." : answer.status === 500 ? "something went wrong." : "Penset is busy.";
  return away(reason, { wait: waitOf(answer), lost: ![425, 429, 503].includes(answer.status) });
}

function reasonOf(silence) {
  if (!navigator.onLine) return "you are offline.";
  return silence.aborted ? "Penset does not answer." : "Penset cannot be reached.";
}

/** Why, in the words of Penset; what stands before it (a proxy) has none of ours. */
function refusal(status, { detail, errors }) {
  const wrong = errors?.[0]?.detail;
  const stranger = status === 413 ? "it is larger than the server takes (413)." : `the server refused it (${status}).`;
  return { kind: "refused", reason: wrong ? `the text ${wrong}.` : detail ?? stranger, mends: wrong !== undefined, late: status === 409 };
}

/** The seconds that the server asks to wait, as a number or a date; 0 where it says nothing that can be read. */
function waitOf(answer) {
  const asked = answer.headers.get("Retry-After") ?? "";
  const seconds = /^\d+$/.test(asked) ? Number(asked) : (Date.parse(asked) - Date.now()) / 1000;
  return Math.min(Math.max(seconds || 0, 0), LONGEST_WAIT);
}

/** Whether the place in the prompt is held, and for how many seconds; null where it cannot lapse. */
function holdOf({ held, lease_expires_at: until, saved_at: now }) {
  if (held === undefined) return undefined;
  return { held, seconds: until ? (Date.parse(until) - Date.parse(now)) / 1000 : null };
}

const away = (reason, { wait = 0, lost }) => ({ kind: "away", reason, wait, lost });
