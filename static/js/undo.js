// data-undo: for how many seconds a decision can be taken back. They are counted down, then the offer goes.
import { each } from "./each.js";

each("[data-undo]", (offer) => {
  const end = performance.now() + Number(offer.dataset.undo) * 1000;
  const shown = offer.querySelector("[data-left]");
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left > 0) shown.textContent = ` ${left} s`;
    else offer.remove();
    if (left <= 0 || !offer.isConnected) clearInterval(timer);
  };
  const timer = setInterval(tick, 250);
});
