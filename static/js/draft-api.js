// How does a draft reach the server, and what did it say? PUT {messages, prompt, revision, user_id}; one kind an outcome.

const KEEPALIVE_LIMIT = 60_000;

/**
 * {kind: "saved", revision} · {kind: "newer", current} · {kind: "signed-out"} · {kind: "refused", reason} ·
 * {kind: "away", reason, wait} with the seconds that the server asks to wait, or 0.
 */
export async function send(url, draft) {
  const body = JSON.stringify(draft);
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const keepalive = document.hidden && body.length < KEEPALIVE_LIMIT;
  let answer;
  try {
    answer = await fetch(url, { method: "PUT", headers, body, keepalive });
  } catch {
    return away(navigator.onLine ? "Penset cannot be reached." : "you are offline.");
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok && Number.isInteger(said.revision)) return { kind: "saved", revision: said.revision };
  if (answer.status === 401) return { kind: "signed-out" };
  if ([409, 412].includes(answer.status) && said.current) return { kind: "newer", current: said.current };
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
    return { kind: "refused", reason: said.errors?.[0]?.detail ? `the text ${said.errors[0].detail}.` : said.detail ?? "it was refused." };
  }
  return away("Penset is busy.", Number(answer.headers.get("Retry-After") ?? 0));
}

const away = (reason, wait = 0) => ({ kind: "away", reason, wait });
