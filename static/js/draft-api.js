// How does a draft reach the server, and what did it say? PUT {messages, prompt, revision, user_id}; one kind an outcome.
import { same } from "./draft-form.js";

const KEEPALIVE_LIMIT = 60_000;
const UNHEARD = 20;

/**
 * What sends one draft after another to an address. It is given {draft, typed} and the body, and gives
 *
 * {kind: "saved", sent, revision, hold?: {held, seconds}} · {kind: "newer", current, compared} · {kind: "signed-out"} · {kind: "refused", reason} ·
 * {kind: "away", reason, wait} with the seconds that the server asks to wait, or 0. What may be stored though no answer
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
  let answer;
  try {
    answer = await fetch(url, { method: "PUT", headers, body, keepalive });
  } catch {
    return away(navigator.onLine ? "Penset cannot be reached." : "you are offline.", { lost: online });
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok && Number.isInteger(said.revision)) return { kind: "saved", revision: said.revision, hold: holdOf(said) };
  if (answer.status === 401) return { kind: "signed-out" };
  if ([409, 412].includes(answer.status) && said.current) return { kind: "newer", current: said.current, compared: said.compared };
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
    return { kind: "refused", reason: said.errors?.[0]?.detail ? `the text ${said.errors[0].detail}.` : said.detail ?? "it was refused." };
  }
  const lost = [502, 504].includes(answer.status);
  return away("Penset is busy.", { wait: Number(answer.headers.get("Retry-After") ?? 0), lost });
}

/** Whether the place in the prompt is held, and for how many seconds; null where it cannot lapse. */
function holdOf({ held, lease_expires_at: until, saved_at: now }) {
  if (held === undefined) return undefined;
  return { held, seconds: until ? (Date.parse(until) - Date.parse(now)) / 1000 : null };
}

const away = (reason, { wait = 0, lost }) => ({ kind: "away", reason, wait, lost });
