// data-loads="URL#id" in a drawer: what that page has under the id is shown here once the drawer is open. The page is ours, and
// nothing in it runs: it is parsed without being a document, and the content policy forbids inline scripts.
import { each } from "./each.js";

each("[data-loads]", (place) => {
  const drawer = place.closest("[data-drawer]");
  const load = async () => {
    if (location.hash !== `#${drawer.id}` || place.dataset.loads === "") return;
    const [address, id] = place.dataset.loads.split("#");
    const answer = await fetch(address);
    const found = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
    if (!found) return;
    place.dataset.loads = "";
    place.replaceChildren(...found.childNodes);
  };
  addEventListener("hashchange", load);
  load();
});
