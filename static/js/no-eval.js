// What may htmx evaluate? Nothing: hx-on and js: values throw here, before the content policy would refuse them too.

class Refused {
  constructor() {
    throw new Error("Penset evaluates no text as a script.");
  }
}

globalThis.htmx?.registerExtension("no-eval", { init: (api) => api.initSecurity(null, Refused, Refused) });
