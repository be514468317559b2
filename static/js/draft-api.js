// How does a draft reach the server, and what did it say? PUT {messages, prompt, revision, user_id}; one kind an outcome.

const KEEPALIVE_LIMIT = 60_000;

/**
 * {kind: "saved", revision} · {kind: "newer", current, compared} · {kind: "signed-out"} · {kind: "refused", reason} ·
 * {kind: "away", reason, wait, lost} with the seconds that the server asks to wait, or 0; `lost`: it may be stored, for
 * only the answer may have been lost.
 */
export async function send(url, draft) {
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
  if (answer.ok && Number.isInteger(said.revision)) return { kind: "saved", revision: said.revision };
  if (answer.status === 401) return { kind: "signed-out" };
  if ([409, 412].includes(answer.status) && said.current) return { kind: "newer", current: said.current, compared: said.compared };
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
    return { kind: "refused", reason: said.errors?.[0]?.detail ? `the text ${said.errors[0].detail}.` : said.detail ?? "it was refused." };
  }
  const lost = [502, 504].includes(answer.status);
  return away("Penset is busy.", { wait: Number(answer.headers.get("Retry-After") ?? 0), lost });
}

const away = (reason, { wait = 0, lost }) => ({ kind: "away", reason, wait, lost });
