// One question of the playground on the page, and both answers as they are told. See playground.js.
import { element } from "./elements.js";

const ENDINGS = { one: "st", two: "nd", few: "rd", other: "th" };
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const WORDS = { loading: "loading the model", token: "writing" };

/** The two sides of one turn on the page, and what each has said. */
export class Turn {
  constructor(prompt, tuned, form) {
    const made = document.getElementById("turn").content.cloneNode(true);
    this.said = { prompt, base: "", tuned: "" };
    this.article = made.querySelector("article");
    this.article.querySelector(".asked-text").textContent = prompt;
    this.article.querySelector("[data-side=tuned] .meta").textContent = tuned;
    const address = encodeURIComponent(prompt);
    const propose = this.article.querySelector(".propose");
    if (address.length <= form.dataset.longestLink) propose.href = form.dataset.propose + address;
    else propose.parentElement.remove();
    this.known(form.dataset.hintsOf);
    document.getElementById("turns").append(made);
  }

  /** Whether the project asks nearly the same already. */
  async known(url) {
    const place = this.article.querySelector("[data-known]");
    const asked = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ prompt: this.said.prompt }) };
    const answer = await fetch(url, asked).catch(() => null);
    const { hints = [] } = answer?.ok ? await answer.json() : {};
    const near = hints.filter((one) => one.check === "near").map((one) => one.sentence);
    if (place && near.length) place.textContent = near.join(" ");
  }

  part(side, what) {
    return this.article.querySelector(`[data-side=${side}] ${what}`);
  }

  state(side, word, kind = "running") {
    const state = this.part(side, "[data-side-state]");
    if (state.textContent === word) return;
    state.replaceChildren(...(word ? [element("span", { class: "state", "data-state": kind }, word)] : []));
  }

  foot(side, words) {
    this.part(side, "[data-side-foot]").textContent = words;
  }

  take(event) {
    const sides = event.side ? [event.side] : ["base", "tuned"];
    for (const side of sides) this[event.kind]?.(side, event);
    if (event.side && WORDS[event.kind]) this.state(event.side, WORDS[event.kind]);
  }

  queued(side, { place }) {
    this.state(side, place > 1 ? `you are ${place}${ENDINGS[ordinals.select(place)]}` : "waiting", "queued");
  }

  token(side, { text }) {
    this.said[side] += text;
    this.part(side, ".side-text").append(text);
  }

  answered(side, { tokens, seconds, ended }) {
    this.state(side, "");
    this.foot(side, `${tokens} tokens in ${seconds} s.${ended ? "" : " It went on; cut here."}`);
  }

  failed(side, { sentence }) {
    if (this.part(side, "[data-side-foot]").textContent) return; // it is through already
    this.state(side, "");
    this.foot(side, sentence);
  }

  end(sentence) {
    for (const side of ["base", "tuned"]) this.failed(side, { sentence });
  }
}
