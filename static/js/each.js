// Which elements does a behaviour belong to? Those that stand on the page now, and those that htmx brings later.

/** Call `bind` once for every element that matches, now and after each swap. */
export function each(selector, bind) {
  const bound = new WeakSet();
  const look = () => {
    for (const element of document.querySelectorAll(selector)) {
      if (bound.has(element)) continue;
      bound.add(element);
      bind(element);
    }
  };
  look();
  document.addEventListener("htmx:after:process", look);
}
