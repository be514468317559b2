// How does a script put words on the page? As text nodes only: what people wrote is never parsed as HTML.

/** An element with attributes and children; a child that is a string becomes a text node. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** Show one message above the page, in place of the ones before. `kind`: "", "careful" or "refused". */
export function tell(title, sentence, kind = "refused", ...ways) {
  const words = element("p", {}, element("strong", {}, title), " ", sentence);
  const row = ways.length ? [element("span", { class: "row" }, ...ways)] : [];
  const message = element("div", { class: "message", role: "alert", ...(kind && { "data-kind": kind }) }, words, ...row);
  document.getElementById("messages")?.replaceChildren(message);
}

/** A small button that does what `press` says. */
export function pressable(text, press) {
  const made = element("button", { class: "button button-small", type: "button" }, text);
  made.addEventListener("click", press);
  return made;
}
