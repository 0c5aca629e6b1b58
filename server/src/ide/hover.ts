/**
 * Feature: hover. The value of the expression as last evaluated, if the evaluation has one, then what
 * the text itself says of the name: a builtin's documentation, a definition and its doc comment.
 */
import { bytesToText } from "../base/bytes.ts";
import type { Definition, Span } from "../scope/bindings.ts";
import type { AttrSet, Binding } from "../syntax/ast.ts";
import { builtinDoc, renderBuiltinDoc } from "./builtin-docs.ts";
import type { FormalView, OptionView, ValueView } from "./evaluation-view.ts";
import type { FileView } from "./file-view.ts";
import { nameAt } from "./name-at.ts";
import { type OptionPath, optionPath } from "./option-path.ts";
import { isPath, pathTarget } from "./path-target.ts";
import type { SourceFile } from "./source-file.ts";
import type { ValueTarget } from "./value-target.ts";
import { pathAt } from "./walk.ts";

export interface Hover extends Span {
  readonly markdown: string;
}

/** What an evaluation could tell of the place. */
export interface HoverQuestions {
  /** The expression whose value is shown. */
  readonly value: ValueTarget | null;
  /** The option of a module that a name stands for. */
  readonly option: OptionPath | null;
}

/** Longer values are cut: a hover is a glance. In characters. */
const LONGEST_VALUE = 4000;
const LONGEST_BINDING_LINES = 12;

export function hover(
  file: SourceFile,
  offset: number,
  value: ValueView | null,
  files: FileView,
  option: OptionView | null = null,
): Hover | null {
  const name = nameText(file, offset) ?? pathText(file, offset, files);
  const parts: string[] = [];
  const place = option && optionPath(file, offset);
  if (option) parts.push(renderOption(option));
  if (value && value.text !== option?.value) parts.push(renderValue(value));
  if (name) parts.push(name.markdown);
  const span = name ?? place ?? value;
  if (!span || parts.length === 0) return null;
  return { start: span.start, end: span.end, markdown: parts.join("\n\n---\n\n") };
}

/** An option in Markdown. */
export function renderOption({ name, type, description, fallback, value }: OptionView): string {
  const text = description && manualText(description);
  return [
    `**${escaped(name)}** *option${type === null ? "" : `: ${escaped(type)}`}*`,
    ...(text ? [text] : []),
    ...(value === null ? [] : [code(cut(value))]),
    ...(fallback === null ? [] : [`default:\n\n${code(cut(fallback))}`]),
  ].join("\n\n");
}

/**
 * As the manuals of NixOS are written: Markdown with roles (`{option}` in front of code), or in old
 * ones DocBook.
 */
function manualText(text: string): string {
  return text
    .trim()
    .replaceAll(/\{(?:option|file|command|var|env|manpage)\}(?=`)/g, "")
    .replaceAll(/<(\w+)[^<>]*>([^<>]*)<\/\1>/g, "`$2`")
    .replaceAll(/<(?=\/?[a-z])/g, "\\<");
}

/** A value in Markdown. */
export function renderValue(value: ValueView): string {
  const { derivation } = value;
  if (!derivation) return plainValue(value);
  const outputs = derivation.outputs.map(
    ({ name, path }) => `- ${name}: ${path === null ? "known after the build" : `\`${path}\``}`,
  );
  return [
    `**${derivation.name}** *derivation*`,
    ...packageText(value),
    `\`${derivation.drvPath}\``,
    outputs.join("\n"),
    ...closureText(value),
    ...notes(value),
  ].join("\n\n");
}

/** What a package says of itself. */
function packageText({ meta }: ValueView): string[] {
  if (!meta) return [];
  const { version, licence, description, homepage, position } = meta;
  const facts = [
    version && `version ${version}`,
    licence,
    homepage && /^https?:/.test(homepage) ? `<${homepage}>` : null,
  ].filter((fact) => fact);
  return [
    ...(description ? [escaped(description)] : []),
    ...(facts.length > 0 ? [facts.join(" · ")] : []),
    ...(position ? [definedIn(position)] : []),
  ];
}

function closureText({ closure }: ValueView): string[] {
  if (!closure || closure < 2) return [];
  return [`${closure} derivations in its closure`];
}

/** @param place `FILE:LINE` */
function definedIn(place: string): string {
  return `defined in ${placeLink(place)}`;
}

/** A link that an editor can follow; what is no absolute path stays text. */
function placeLink(place: string): string {
  const [, file = "", line] = /^(\/.*):([0-9]+)$/.exec(place) ?? [];
  const uri = `file://${encodeURI(file).replaceAll(/[?#()]/g, encodeURIComponent)}`;
  return file === "" ? `\`${place}\`` : `[\`${place}\`](${uri}#L${line})`;
}

/** Text that Markdown must not read anything into. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|]/g, "\\$&");
}

function plainValue(value: ValueView): string {
  const { context = [], formals, doc, builtin, definition } = value;
  const builtinText = builtin ? builtinDoc(builtin) : null;
  return [
    code(cut(value.text)),
    `*${value.type}*`,
    ...(formals && formals.length > 0 ? [formalsText(formals)] : []),
    ...(doc ? [docText(doc)] : []),
    ...(builtinText ? [renderBuiltinDoc(builtinText)] : []),
    ...(context.length > 0
      ? [["refers to", ...context.slice(0, MOST_CONTEXT).map((each) => `- \`${each}\``)].join("\n")]
      : []),
    ...(definition?.file ? [definedIn(`${definition.file}:${definition.line}`)] : []),
    ...notes(value),
  ].join("\n\n");
}

const MOST_CONTEXT = 10;
const MOST_FORMALS = 30;

function formalsText(formals: readonly FormalView[]): string {
  const lines = formals
    .slice(0, MOST_FORMALS)
    .map(({ name, fallback }) => `  ${name}${fallback === null ? "" : ` ? ${shorten(fallback)}`},`);
  const rest = formals.length > MOST_FORMALS ? ["  …"] : [];
  return code(["{", ...lines, ...rest, "}:"].join("\n"));
}

/** What else there is to know: whether it is still that, whether anything needed it, that there are others. */
function notes({ wasForced, isStale, call }: ValueView): string[] {
  const site = call?.site?.file
    ? `, called at ${placeLink(`${call.site.file}:${call.site.line}`)}`
    : "";
  return [
    ...(isStale ? ["*before the last change*"] : []),
    ...(wasForced === false ? ["*nothing needed it: evaluated to be shown here*"] : []),
    ...(call ? [`*call ${call.index + 1} of ${call.count}*${site}`] : []),
  ];
}

function cut(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)} …`;
}

function code(text: string): string {
  // A fence longer than any run of backticks inside.
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}nix\n${text}\n${fence}`;
}

function pathText(file: SourceFile, offset: number, files: FileView): Hover | null {
  const expr = pathAt(file.syntax.expr, offset).pop();
  if (!expr || !isPath(expr)) return null;
  const target = pathTarget(file, expr, files);
  const { start, end } = expr;
  if (target === null) return null;
  const kind = files.kind(target) ?? "missing";
  return { start, end, markdown: `\`${target}\` (${kind})` };
}

function nameText(file: SourceFile, offset: number): Hover | null {
  const name = nameAt(file, offset);
  if (!name) return null;
  const { start, end } = name.span;
  const markdown = markdownOf(file, name);
  return markdown === null ? null : { start, end, markdown };
}

function markdownOf(file: SourceFile, name: NonNullable<ReturnType<typeof nameAt>>): string | null {
  switch (name.kind) {
    case "definition":
      return definitionText(file, name.definition);
    case "builtin": {
      const doc = builtinDoc(name.name);
      return doc ? renderBuiltinDoc(doc) : null;
    }
    case "with": {
      const [inner] = name.reference.withs;
      const from = inner ? code(`with ${oneLine(textOf(file, inner.scope))};`) : "";
      return `${code(bytesToText(name.reference.name))}\n\nfrom\n\n${from}`;
    }
    case "selection": {
      const site = name.attribute?.site;
      return site ? siteText(file, site) : null;
    }
  }
}

const WHAT: Record<Definition["kind"], string> = {
  let: "let binding",
  attribute: "attribute of a rec set",
  parameter: "parameter",
  formal: "argument",
};

function definitionText(file: SourceFile, definition: Definition): string {
  const name = bytesToText(definition.name);
  const what = `*${WHAT[definition.kind]}*`;
  if (definition.kind === "parameter") return `${code(name)}\n\n${what}`;
  if (definition.kind === "formal") {
    const { value } = definition;
    const shown = value ? `${name} ? ${shorten(textOf(file, value))}` : name;
    return `${code(shown)}\n\n${what}${value ? " with a default" : ""}`;
  }
  const [site] = definition.sites;
  return `${site ? siteText(file, site) : code(name)}\n\n${what}`;
}

/** The binding whose name stands at `site`, as written, with its doc comment. */
function siteText(file: SourceFile, site: Span): string {
  const binding = bindingAt(file, site.start);
  if (!binding) return code(textOf(file, site));
  const parts = [code(shorten(textOf(file, binding)))];
  const doc = binding.kind === "Value" ? binding.doc : null;
  if (doc) parts.push(docText(textOf(file, doc)));
  return parts.join("\n\n");
}

function bindingAt(file: SourceFile, offset: number): Binding | null {
  for (const expr of pathAt(file.syntax.expr, offset).reverse()) {
    const set: AttrSet | null =
      expr.kind === "AttrSet" ? expr : expr.kind === "Let" ? expr.attrs : null;
    const found = set?.bindings.find(({ start, end }) => start <= offset && offset < end);
    if (found) return found;
  }
  return null;
}

/** The text of a doc comment without its marks and common indentation. */
export function docText(comment: string): string {
  const lines = comment
    .replace(/^\/\*+/, "")
    .replace(/\*\/$/, "")
    .split(/\r\n|\r|\n/);
  const rest = lines.slice(1).filter((line) => line.trim() !== "");
  const indent = Math.min(...rest.map((line) => line.length - line.trimStart().length));
  return lines
    .map((line, i) => (i === 0 ? line.trim() : line.slice(indent).trimEnd()))
    .join("\n")
    .trim();
}

function shorten(text: string): string {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.length <= LONGEST_BINDING_LINES) return text;
  return [...lines.slice(0, LONGEST_BINDING_LINES), "…"].join("\n");
}

function oneLine(text: string): string {
  const first = text.split(/\r\n|\r|\n/, 1)[0] ?? "";
  return first === text ? text : `${first} …`;
}

function textOf(file: SourceFile, span: Span): string {
  return bytesToText(file.source.slice(span.start, span.end));
}
