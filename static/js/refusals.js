// What does htmx do with an answer that is no success? A 4xx is our error page: its #messages replaces ours, and the part
// that was asked for stays as it is. A 5xx, a lost line and an answer without the part are told, and nothing is swapped.
import { element, tell } from "./elements.js";
import { mark } from "./marks.js";

const again = () => element("a", { class: "button button-small", href: location.href }, "Load the page again");
const signIn = () => element("a", { class: "button button-small", href: "/sign-in" }, "Sign in");

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const { status, raw } = ctx.response;
  if (raw.redirected && new URL(raw.url).pathname === "/sign-in") {
    event.preventDefault();
    tell("Your sign-in has ended.", "Nothing was changed. Sign in, then do it again.", "careful", signIn());
  } else if (status >= 500) {
    tell("Penset could not do this.", `It answered ${status}. Nothing on this page has changed.`, "refused", again());
  } else if (status >= 400) {
    mark(ctx.text);
    ctx.target = document.getElementById("messages");
    ctx.select = "#messages";
    ctx.swap = "outerHTML ignoreTitle:true";
  } else if (ctx.select && !has(ctx.text, ctx.select)) {
    event.preventDefault();
    tell("This page has changed.", "What was asked for is no longer part of it.", "careful", again());
  }
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.response) return;
  tell("Penset cannot be reached.", "Nothing was changed. Look at your connection and try again.", "careful", again());
});

const has = (html, selector) => new DOMParser().parseFromString(html, "text/html").querySelector(selector) !== null;
