// A drawer opens by its own address (#guidelines), which needs no script. Here it keeps its place, fills no history, and
// g closes it again: while it is open its own link is the visible one with that key. The focus goes in, and back to the link.
import { each } from "./each.js";

let opener = null;

document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  const drawer = link && document.querySelector(`.drawer${link.hash === "#main" ? "" : link.hash}`);
  const ours = link?.hasAttribute("data-drawer-close") || drawer?.matches("[data-drawer]");
  if (!ours || event.defaultPrevented) return;
  event.preventDefault();
  if (link.hash !== "#main") opener = link;
  location.replace(link.hash);
});

addEventListener("hashchange", () => {
  const open = document.querySelector(".drawer:target");
  if (open) return open.focus({ preventScroll: true });
  if (opener?.isConnected) opener.focus({ preventScroll: true });
  opener = null;
});

each("[data-drawer]", (drawer) => {
  const key = `penset:drawer:${drawer.id}`;
  const restore = () => {
    if (location.hash === `#${drawer.id}`) drawer.scrollTop = Number(sessionStorage.getItem(key) ?? 0);
  };
  drawer.addEventListener("scroll", () => sessionStorage.setItem(key, String(drawer.scrollTop)), { passive: true });
  addEventListener("hashchange", restore);
  restore();
});
