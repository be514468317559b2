// data-theme-choice="light|dark|" : the page's theme, kept in a cookie that the server reads, so no page flashes.
import { each } from "./each.js";

const YEAR = 365 * 24 * 3600;

function choose(theme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${theme ? YEAR : 0}; SameSite=Lax${secure}`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  document.dispatchEvent(new Event("theme:chosen"));
}

each("[data-theme-choices]", (choices) => {
  const buttons = [...choices.querySelectorAll("[data-theme-choice]")];
  const show = () => {
    const now = document.documentElement.dataset.theme ?? "";
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === now));
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      choose(button.dataset.themeChoice);
      show();
    });
  }
  choices.hidden = false;
  show();
});
