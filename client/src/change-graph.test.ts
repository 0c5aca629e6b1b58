import { expect, test } from "vitest";
import type { Change } from "../../server/src/lsp/protocol.ts";
import { changeGraph } from "./change-graph.ts";

function change(name: string, inputs: Change[] = [], reasons: Change["reasons"] = []): Change {
  return { name, before: `/old-${name}.drv`, after: `/${name}.drv`, reasons, inputs };
}

const reason = { kind: "variable", name: "version", before: "1", after: "2", origin: null };

/** Name of each box to how far down it is. */
function rows(svg: string): Record<string, number> {
  const boxes = [...svg.matchAll(/data-drv="([^"]*)"[\s\S]*?<rect x="[^"]*" y="([^"]*)"/g)];
  const tops = [...new Set(boxes.map(([, , y]) => Number(y)))].sort((a, b) => a - b);
  return Object.fromEntries(boxes.map(([, drv = "", y]) => [drv, tops.indexOf(Number(y))]));
}

test("every derivation once, below all that are built on it", () => {
  const ssl = change("ssl", [], [reason]);
  const curl = change("curl", [ssl]);
  // Where something is met again, nothing is below it.
  const svg = changeGraph(change("shell", [change("git", [curl, change("ssl")]), change("ssl")]));
  expect(rows(svg)).toEqual({ "/shell.drv": 0, "/git.drv": 1, "/curl.drv": 2, "/ssl.drv": 3 });
  expect(svg.match(/class="edge"/g)).toHaveLength(5);
  expect(svg).toContain("variable version");
});

test("names are text, whatever they hold", () => {
  const svg = changeGraph(change(`<script>"'&`));
  expect(svg).not.toContain("<script>");
  expect(svg).toContain("&lt;script&gt;&quot;&#39;&amp;");
});

test("of very many the nearest are drawn", () => {
  const many = Array.from({ length: 1000 }, (_, i) => change(`d${i}`, [], [reason]));
  expect(changeGraph(change("all", many)).match(/<rect/g)).toHaveLength(300);
});
