// data-signs-out on the form that signs out: what this tab keeps of unsent text goes with the person.
import { forgetAll } from "./draft-store.js";

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-signs-out]")) forgetAll();
});
