// Is this page about to be left? The next one may be drawn from what was stored before a save that is still on its way, so
// a copy of that text is to stay for it.
let going = false;

addEventListener("beforeunload", () => (going = true));
for (const stays of ["pageshow", "input"]) addEventListener(stays, () => (going = false));

/** Whether another page has been asked for, and nothing was typed since. */
export const leaving = () => going;
