// The sign-in has ended while somebody writes: let them sign in over the text, which stays where it is.
import { ask } from "./dialogs.js";
import { element } from "./elements.js";

const field = (id, label, type, autocomplete) => element(
  "div", { class: "field" }, element("label", { for: id }, label),
  element("input", { class: "input", id, type, autocomplete, required: true }),
);

/** The answer of POST /api/v1/session: who is signed in now. Null when the dialog was closed. */
export async function signInAgain() {
  const refused = element("p", { class: "field-error", role: "alert" });
  const form = element(
    "form", {}, field("again-email", "E-mail", "email", "username"),
    field("again-password", "Password", "password", "current-password"), refused,
    element("button", { class: "button button-main" }, "Sign in"),
  );
  const { dialog, answer } = ask(
    "Please sign in again", "", element("p", { class: "soft" }, "Your sign-in has ended. Your text stays where it is."), form,
  );
  let person = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    refused.textContent = "";
    const [email, password] = [...form.querySelectorAll("input")].map((input) => input.value);
    const [found, problem] = await post({ email, password });
    if (found) {
      person = found;
      dialog.close();
    } else {
      refused.textContent = problem;
    }
  });
  await answer;
  return person;
}

async function post(body) {
  try {
    const answer = await fetch("/api/v1/session", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    const said = await answer.json();
    return answer.ok ? [said, ""] : [null, said.detail ?? said.title];
  } catch {
    return [null, "Penset cannot be reached. Try again in a moment."];
  }
}
