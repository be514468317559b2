// What a route tells line by line (application/x-ndjson), as it comes: `for await (const event of told(url, body, signal))`.

/** Each line of the answer, parsed. Throws {sentence} of a refusal, or what fetch throws when the line breaks. */
export async function* told(url, body, signal) {
  const headers = { "Content-Type": "application/json", Accept: "application/x-ndjson" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw { sentence: [said.detail, ...(said.errors ?? []).map((one) => `${one.pointer} ${one.detail}.`)].join(" ") };
  }
  let held = "";
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (held + value).split("\n");
    held = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}
