/** The changed part of a closure as a picture: what is built on what, from the derivation down to its reasons. */
import type { Change } from "../../server/src/lsp/protocol.ts";

const WIDTH = 190;
const HEIGHT = 34;
const GAP = { x: 24, y: 46 };
const MARGIN = 16;
/** Characters that fit into a box. */
const FITS = 26;
/** With more of them nobody sees anything; those nearest to the derivation are drawn. */
const MOST = 300;

interface Box {
  readonly change: Change;
  readonly inputs: readonly string[];
  /** Longest way from the derivation on top. */
  row: number;
}

/** An SVG; every box has the attribute `data-drv` with the path of its derivation. */
export function changeGraph(root: Change): string {
  const boxes = boxesOf(root);
  const rows: string[][] = [];
  for (const [drv, { row }] of boxes) {
    rows[row] ??= [];
    rows[row]?.push(drv);
  }
  const widest = Math.max(...rows.map((row) => row.length));
  const width = 2 * MARGIN + widest * (WIDTH + GAP.x) - GAP.x;
  const height = 2 * MARGIN + rows.length * (HEIGHT + GAP.y) - GAP.y;
  const places = new Map<string, { x: number; y: number }>();
  rows.forEach((row, y) => {
    const indent = ((widest - row.length) * (WIDTH + GAP.x)) / 2;
    row.forEach((drv, x) => {
      const left = MARGIN + indent + x * (WIDTH + GAP.x);
      places.set(drv, { x: left, y: MARGIN + y * (HEIGHT + GAP.y) });
    });
  });
  const edges: string[] = [];
  const nodes: string[] = [];
  for (const [drv, { change, inputs }] of boxes) {
    const at = places.get(drv);
    if (!at) continue;
    for (const input of inputs) {
      const to = places.get(input);
      if (to) edges.push(edge(at, to));
    }
    nodes.push(box(change, at));
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    ...edges,
    ...nodes,
    "</svg>",
  ].join("\n");
}

/** The nearest derivations, each once and below all that are built on it. */
function boxesOf(root: Change): Map<string, Box> {
  const full = new Map<string, Change>();
  const queue = [root];
  for (const change of queue) {
    // Where something is met again it is only named.
    const isNamed = change.reasons.length + change.inputs.length === 0;
    if (full.has(change.after) && isNamed) continue;
    if (!full.has(change.after) && full.size >= MOST) continue;
    full.set(change.after, change);
    queue.push(...change.inputs);
  }
  const boxes = new Map<string, Box>();
  const order: Box[] = [];
  const visit = (drv: string): void => {
    const change = full.get(drv);
    if (change === undefined || boxes.has(drv)) return;
    const box: Box = { change, inputs: change.inputs.map(({ after }) => after), row: 0 };
    boxes.set(drv, box);
    box.inputs.forEach(visit);
    order.push(box);
  };
  visit(root.after);
  for (const { inputs, row } of order.reverse()) {
    for (const input of inputs) {
      const below = boxes.get(input);
      if (below) below.row = Math.max(below.row, row + 1);
    }
  }
  return boxes;
}

function edge(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const [x1, y1] = [from.x + WIDTH / 2, from.y + HEIGHT];
  const [x2, y2] = [to.x + WIDTH / 2, to.y];
  const middle = (y1 + y2) / 2;
  return `<path class="edge" d="M${x1} ${y1} C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}"/>`;
}

function box({ name, after, reasons }: Change, { x, y }: { x: number; y: number }): string {
  const why = reasons.map(({ kind, name: what }) => `${kind} ${what}`).join(", ");
  const kind = reasons.length > 0 ? "reason" : "passed-on";
  const title = `${after}\n${why === "" ? "because of its inputs" : why}`;
  return [
    `<g class="${kind}" data-drv="${escaped(after)}" tabindex="0" role="button">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="4"/>`,
    `<text x="${x + WIDTH / 2}" y="${y + (why === "" ? 21 : 15)}">${escaped(cut(name))}</text>`,
    why === ""
      ? ""
      : `<text class="why" x="${x + WIDTH / 2}" y="${y + 28}">${escaped(cut(why))}</text>`,
    "</g>",
  ].join("");
}

function cut(text: string): string {
  return text.length > FITS ? `${text.slice(0, FITS - 1)}…` : text;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text and attributes of XML. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
