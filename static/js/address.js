// data-address="PATH": where what htmx has put on the page is found again. A reload, and the way back, lead there and not to
// where a form was that is done with.
import { each } from "./each.js";

each("[data-address]", (place) => {
  const there = new URL(place.dataset.address, location.href);
  if (there.pathname !== location.pathname) history.replaceState(null, "", there);
});
