// data-live-chart="URL": asks for {series: [{name, kind, points: [[x, y], …]}], done} every two seconds while the page is
// seen, and draws it in place of the still drawing inside, which stays for who has no script. kind: seen, unseen, faint.
import { each } from "./each.js";
import { element } from "./elements.js";

const PAUSE = 2000;
const INKS = { seen: ["--ink", 1.5], unseen: ["--accent", 2.75], faint: ["--rule-strong", 1] };
const vendor = new URL("../vendor/uplot/", import.meta.url);

/** The colour that a token has now, light or dark. */
function colour(token) {
  const probe = document.body.appendChild(element("span", { hidden: true }));
  probe.style.color = `var(${token})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** One column of x, and one of y for each line, null where a line has no point: what uPlot takes. */
export function aligned(series) {
  const xs = [...new Set(series.flatMap((one) => one.points.map(([x]) => x)))].sort((a, b) => a - b);
  return [xs, ...series.map((one) => {
    const known = new Map(one.points);
    return xs.map((x) => known.get(x) ?? null);
  })];
}

function options(series, box) {
  const lines = series.map(({ name, kind }) => {
    const [token, width] = INKS[kind] ?? INKS.seen;
    return { label: name, stroke: colour(token), width, spanGaps: true, points: { show: kind === "unseen" } };
  });
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--rule"), width: 1 }, font: "12px sans-serif" };
  return {
    width: box.clientWidth, height: 260, series: [{ label: box.dataset.x ?? "step" }, ...lines],
    axes: [axis, { ...axis }], scales: { x: { time: false } }, cursor: { drag: { x: false, y: false } }, legend: { live: false },
  };
}

each("[data-live-chart]", async (box) => {
  let plot, drawn = "", latest = [];
  const { default: Plot } = await import(new URL("uPlot.esm.js", vendor));
  document.head.append(element("link", { rel: "stylesheet", href: new URL("uPlot.min.css", vendor).pathname }));
  const draw = (series) => {
    const names = JSON.stringify(series.map(({ name, kind }) => [name, kind]));
    if (plot && names === drawn) return plot.setData(aligned(series));
    plot?.destroy();
    box.replaceChildren();
    box.classList.add("live-chart");
    plot = new Plot(options(series, box), aligned(series), box);
    drawn = names;
  };
  const redraw = () => {
    drawn = "";
    if (latest.length) draw(latest);
  };
  document.addEventListener("theme:chosen", redraw);
  addEventListener("resize", () => plot?.setSize({ width: box.clientWidth, height: 260 }));
  const ask = async () => {
    if (!box.isConnected) return plot?.destroy();
    let done = false;
    if (!document.hidden) {
      const answer = await fetch(box.dataset.liveChart, { headers: { Accept: "application/json" } }).catch(() => null);
      if (answer?.ok) ({ series: latest, done = false } = await answer.json());
      if (latest.some((one) => one.points.length)) draw(latest);
    }
    if (!done) setTimeout(ask, PAUSE);
  };
  ask();
});
