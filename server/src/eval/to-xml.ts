/** Values as XML, as `toXML` and `--xml` print them (nix-semantics 3.8). */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { isDerivation } from "./compare.ts";
import { type Context, ContextUnion, stringText } from "./context.ts";
import { evaluated } from "./dependents.ts";
import type { Evaluator } from "./evaluator.ts";
import { showFloat } from "./floats.ts";
import { xmlEscape } from "./lib/xml-escape.ts";
import { force } from "./runtime.ts";
import { ContextString, Lambda, NixFloat, NixPath, type Slot, Thunk } from "./values.ts";

export interface XmlOptions {
  /** Force everything; otherwise what is not evaluated yet is `<unevaluated />`. */
  strict: boolean;
  /** Add where attributes and functions are defined. */
  locations: boolean;
}

/** In bytes. */
const LONG_TEXT = 1 << 16;

export function toXml(
  ev: Evaluator,
  root: Slot,
  options: XmlOptions,
): { text: ByteString; context: Context | null } {
  const contexts = new ContextUnion();
  const out: string[] = [];
  let lines = "<?xml version='1.0' encoding='utf-8'?>\n<expr>\n";
  const drvs = new Set<ByteString>();
  const indents: string[] = [];
  const line = (depth: number, text: string) => {
    let indent = indents[depth];
    if (indent === undefined) {
      indent = "  ".repeat(depth);
      indents[depth] = indent;
    }
    lines += `${indent}${text}\n`;
    // A string that has grown piece by piece takes many times its length until it is joined with others.
    if (lines.length > LONG_TEXT) {
      out.push([lines, ""].join(""));
      lines = "";
    }
  };
  const location = (position: number): string => {
    if (!options.locations) return "";
    const place = ev.positions.find(position);
    if (place === null) return "";
    const { line: row, column } = ev.positions.lineColumn(place);
    // Text that is no file has lines, but no path.
    const { path } = place.file;
    return ` column="${column}" line="${row}"${path === null ? "" : ` path="${xmlEscape(path)}"`}`;
  };
  const text = (slot: Slot | undefined): ByteString | null => {
    if (slot === undefined) return null;
    const v = options.strict ? force(slot) : slot instanceof Thunk ? slot.value : slot;
    if (v === undefined || (typeof v !== "string" && !(v instanceof ContextString))) return null;
    if (typeof v !== "string") contexts.add(v.context);
    return stringText(v);
  };
  const attrs = (v: Attrs, depth: number) => {
    for (const name of v.sortedNames()) {
      const where = location(v.position(name));
      line(
        depth,
        `<attr${where.replace(/ path=.*$/, "")} name="${xmlEscape(name)}"${where.match(/ path=.*$/)?.[0] ?? ""}>`,
      );
      write(v.get(name) as Slot, depth + 1);
      line(depth, "</attr>");
    }
  };
  const write = (slot: Slot, depth: number): void => {
    ev.enter(0);
    writeValue(slot, depth);
    ev.depth--;
  };
  const writeValue = (slot: Slot, depth: number): void => {
    const v = options.strict ? force(slot) : evaluated(slot);
    if (v instanceof Thunk) {
      line(depth, "<unevaluated />");
      return;
    }
    if (typeof v === "number" || typeof v === "bigint") line(depth, `<int value="${v}" />`);
    else if (typeof v === "boolean") line(depth, `<bool value="${v}" />`);
    else if (typeof v === "string") line(depth, `<string value="${xmlEscape(v)}" />`);
    else if (v === null) line(depth, "<null />");
    else if (v instanceof ContextString) {
      contexts.add(v.context);
      line(depth, `<string value="${xmlEscape(v.text)}" />`);
    } else if (v instanceof NixFloat) line(depth, `<float value="${showFloat(v)}" />`);
    else if (v instanceof NixPath) line(depth, `<path value="${xmlEscape(v.path)}" />`);
    else if (Array.isArray(v)) {
      line(depth, "<list>");
      for (const item of v) write(item, depth + 1);
      line(depth, "</list>");
    } else if (v instanceof Attrs) {
      if (isDerivation(v)) {
        const drvPath = text(v.get("drvPath"));
        const outPath = text(v.get("outPath"));
        const drv = drvPath === null ? "" : ` drvPath="${xmlEscape(drvPath)}"`;
        const path = outPath === null ? "" : ` outPath="${xmlEscape(outPath)}"`;
        line(depth, `<derivation${drv}${path}>`);
        if (drvPath !== null && drvPath !== "" && !drvs.has(drvPath)) {
          drvs.add(drvPath);
          attrs(v, depth + 1);
        } else line(depth + 1, "<repeated />");
        line(depth, "</derivation>");
      } else {
        line(depth, "<attrs>");
        attrs(v, depth + 1);
        line(depth, "</attrs>");
      }
    } else if (v instanceof Lambda) {
      const { expr } = v.code;
      line(depth, `<function${location(v.code.position)}>`);
      if (expr.formals === null) {
        line(depth + 1, `<varpat name="${xmlEscape(expr.param ?? "")}" />`);
      } else {
        const ellipsis = expr.formals.ellipsis ? ' ellipsis="1"' : "";
        const name = expr.param === null ? "" : ` name="${xmlEscape(expr.param)}"`;
        const items = expr.formals.items.map((formal) => formal.name).sort();
        line(depth + 1, `<attrspat${ellipsis}${name}>`);
        for (const item of items) line(depth + 2, `<attr name="${xmlEscape(item)}" />`);
        line(depth + 1, "</attrspat>");
      }
      line(depth, "</function>");
    } else line(depth, "<unevaluated />");
  };
  write(root, 1);
  out.push(lines, "</expr>\n");
  return { text: out.join(""), context: contexts.context };
}
