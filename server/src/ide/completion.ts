/**
 * Feature: completion. Names in scope (of `let`, `rec`, functions, of sets in a `with` as far as the
 * text shows them), keywords, builtins with their documentation, and the attributes of sets that the
 * text shows. What an evaluation knows of a set is added when it is given.
 */
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import type { Definition, Scope, Span } from "../scope/bindings.ts";
import { GLOBAL_NAMES } from "../scope/global-names.ts";
import type { AttrName, Expr } from "../syntax/ast.ts";
import { showName } from "../syntax/identifiers.ts";
import { builtinDoc, renderBuiltinDoc } from "./builtin-docs.ts";
import {
  type AttributeContext,
  type CompletionContext,
  completionContext,
} from "./completion-context.ts";
import { dottedNames } from "./dotted-names.ts";
import type { AttributeView, FormalView, OptionStep } from "./evaluation-view.ts";
import type { SourceFile } from "./source-file.ts";
import {
  type StaticAttribute,
  type StaticValue,
  staticAttributes,
  staticValue,
} from "./static-value.ts";
import type { ValueTarget } from "./value-target.ts";

export type CompletionKind =
  | "keyword"
  | "variable"
  | "parameter"
  | "attribute"
  | "function"
  | "builtin"
  | "constant";

export interface CompletionItem {
  readonly label: string;
  /** What is inserted: a name that needs quotes has them. */
  readonly insert: string;
  readonly kind: CompletionKind;
  /** One line: a signature, a type, where it comes from. */
  readonly detail: string | null;
  /** Markdown. */
  readonly documentation: string | null;
  /** Smaller comes first; names of one rank are sorted by label. */
  readonly rank: number;
}

export interface Completion {
  /** The text that an item replaces, in the document. */
  readonly replace: Span;
  readonly items: readonly CompletionItem[];
  /** False when there are more: other letters may match them. */
  readonly isComplete: boolean;
}

/** A package set has ten thousand attributes; more than this nobody scrolls through. */
const MOST = 1000;

/** What an evaluation could tell, in bytes of the document's text. */
export interface CompletionQuestions {
  /** What stands before the dot: its attributes. */
  readonly subject: ValueTarget | null;
  /** The sets of the enclosing `with`s, innermost first: their attributes. */
  readonly scopes: readonly ValueTarget[];
  /** The function whose argument is written: its arguments. */
  readonly callee: ValueTarget | null;
  /** Where in the options of a configuration a name is written: the options there. */
  readonly options: readonly OptionStep[] | null;
}

/** The answers. */
export interface EvaluatedNames {
  readonly attributes: readonly AttributeView[] | null;
  /** Parallel to the question's. */
  readonly scopes: readonly (readonly AttributeView[])[];
  readonly formals: readonly FormalView[] | null;
  readonly options: readonly AttributeView[] | null;
}

export function completion(
  file: SourceFile,
  offset: number,
  evaluated: Partial<EvaluatedNames>,
): Completion | null {
  const context = completionContext(file, offset);
  if (!context) return null;
  const items = new Items();
  collect(context, evaluated, items);
  const typed = bytesToText(file.source.slice(context.replace.start, offset));
  return { replace: context.replace, ...shortened(items.sorted(), typed) };
}

/** Of too many items those that match what has been typed, the ones that begin with it first. */
function shortened(
  items: readonly CompletionItem[],
  typed: string,
): Pick<Completion, "items" | "isComplete"> {
  if (items.length <= MOST) return { items, isComplete: true };
  const wanted = typed.toLowerCase();
  const matching = items.filter(({ label }) => hasLettersOf(label.toLowerCase(), wanted));
  const begins = ({ label }: CompletionItem) => label.toLowerCase().startsWith(wanted);
  const first = matching.filter(begins);
  const others = first.length < MOST ? matching.filter((item) => !begins(item)) : [];
  return { items: [...first, ...others].slice(0, MOST), isComplete: false };
}

/** Whether the letters stand in the text in this order. */
function hasLettersOf(text: string, letters: string): boolean {
  let at = -1;
  for (const letter of letters) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

export function completionQuestions(file: SourceFile, offset: number): CompletionQuestions {
  const context = completionContext(file, offset);
  const target = (expr: Expr, path: readonly AttrName[] = []): ValueTarget => {
    const end = path[path.length - 1]?.end ?? expr.end;
    return { start: expr.start, end, names: dottedNames(expr, path) };
  };
  const scopes: ValueTarget[] = [];
  if (context?.kind === "expression") {
    for (let at: Scope | null = context.scope; at; at = at.parent)
      if (at.with) scopes.push(target(at.with.scope));
  }
  return {
    subject: context?.kind === "attribute" ? target(context.subject, context.path) : null,
    scopes,
    callee: context?.kind === "binding" && context.callee ? target(context.callee) : null,
    options: context?.kind === "binding" ? context.options : null,
  };
}

function collect(
  context: CompletionContext,
  { attributes, scopes = [], formals, options }: Partial<EvaluatedNames>,
  items: Items,
): void {
  switch (context.kind) {
    case "binding":
      for (const formal of formals ?? []) {
        if (!context.taken.has(bytesFromText(formal.name))) items.formal(formal);
      }
      // Also what is there: options that are written in several bindings are one set.
      for (const option of options ?? []) items.evaluated(option, RANK.attribute);
      if (context.isBeginning) items.keywords(["inherit"]);
      return;
    case "inherit":
      items.names(context.file, context.scope, context.taken);
      return;
    case "attribute": {
      const value = stepInto(context);
      for (const attribute of staticAttributes(context.file, value).values()) {
        if (!context.taken.has(attribute.name)) items.attribute(attribute, RANK.attribute);
      }
      for (const view of attributes ?? []) {
        if (!context.taken.has(bytesFromText(view.name))) items.evaluated(view, RANK.attribute);
      }
      return;
    }
    case "expression":
      items.names(context.file, context.scope, new Set());
      for (const scope of scopes) for (const view of scope) items.evaluated(view, RANK.with);
      items.globals();
      if (context.isArgument !== true) items.keywords(START_OF_EXPRESSION);
      if (context.isArgument !== false) items.keywords(AFTER_EXPRESSION);
  }
}

const START_OF_EXPRESSION = ["let", "with", "if", "rec", "assert"];
const AFTER_EXPRESSION = ["rec", "in", "then", "else", "or"];

const RANK = { local: 0, attribute: 0, with: 1, global: 2, keyword: 3, prefixed: 4 } as const;

function stepInto(context: AttributeContext): StaticValue | null {
  let value = subjectValue(context.file, context.subject);
  for (const step of context.path) {
    if (step.name === null) return null;
    value = staticAttributes(context.file, value).get(step.name)?.value() ?? null;
  }
  return value;
}

/** A subject that is no node of the tree (the text was too wrong) is looked up by name. */
function subjectValue(file: SourceFile, subject: Expr): StaticValue | null {
  const known = staticValue(file, subject);
  if (known || subject.kind !== "Var") return known;
  for (let at: Scope | null = file.bindings.scopeAt(subject.start); at; at = at.parent) {
    const definition = at.names.get(subject.name);
    if (definition) return definition.value ? staticValue(file, definition.value) : null;
  }
  return subject.name === "builtins" ? { kind: "builtins" } : null;
}

class Items {
  readonly #items = new Map<string, CompletionItem>();

  sorted(): CompletionItem[] {
    const byRank = (a: CompletionItem, b: CompletionItem) =>
      a.rank - b.rank || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0);
    return [...this.#items.values()].sort(byRank);
  }

  keywords(words: readonly string[]): void {
    for (const word of words) this.#add(word, "keyword", RANK.keyword, null, null);
  }

  /** The names of a scope and all around it. */
  names(file: SourceFile, scope: Scope, taken: ReadonlySet<ByteString>): void {
    for (let at: Scope | null = scope; at; at = at.parent) {
      for (const definition of at.names.values()) {
        if (!taken.has(definition.name)) this.#definition(definition);
      }
    }
    for (let at: Scope | null = scope; at; at = at.parent) {
      if (!at.with) continue;
      const value = staticValue(file, at.with.scope);
      for (const attribute of staticAttributes(file, value).values()) {
        if (!taken.has(attribute.name)) this.attribute(attribute, RANK.with);
      }
    }
  }

  globals(): void {
    for (const [name, builtin] of GLOBAL_NAMES) {
      const rank = name === builtin ? RANK.global : RANK.prefixed;
      this.#builtin(name, builtin, rank);
    }
  }

  attribute(attribute: StaticAttribute, rank: number): void {
    const { name, expr } = attribute;
    if (attribute.site === null) {
      this.#builtin(name, name, rank);
      return;
    }
    const kind = expr?.kind === "Lambda" ? "function" : "attribute";
    this.#add(name, kind, rank, expr ? kindName(expr) : null, null);
  }

  evaluated(view: AttributeView, rank: number): void {
    const kind = view.type === "lambda" ? "function" : "attribute";
    this.#add(bytesFromText(view.name), kind, rank, view.type, null);
  }

  formal({ name, fallback }: FormalView): void {
    const detail = fallback === null ? "argument" : `argument, default ${fallback}`;
    this.#add(bytesFromText(name), "parameter", RANK.local, detail, null);
  }

  #definition(definition: Definition): void {
    const { kind, name, value } = definition;
    if (kind === "parameter" || kind === "formal") {
      this.#add(name, "parameter", RANK.local, kind === "formal" ? "argument" : kind, null);
      return;
    }
    const isFunction = value?.kind === "Lambda";
    const detail = value ? kindName(value) : null;
    this.#add(name, isFunction ? "function" : "variable", RANK.local, detail, null);
  }

  #builtin(name: string, builtin: string, rank: number): void {
    const doc = builtinDoc(builtin);
    const kind = doc && doc.args.length > 0 ? "builtin" : "constant";
    this.#add(name, kind, rank, doc?.type ?? null, doc ? renderBuiltinDoc(doc) : null);
  }

  /** The first one of a name counts: it is the innermost. */
  #add(
    name: ByteString,
    kind: CompletionKind,
    rank: number,
    detail: string | null,
    documentation: string | null,
  ): void {
    const label = bytesToText(name);
    if (this.#items.has(label)) return;
    const insert = kind === "keyword" ? label : bytesToText(showName(name));
    this.#items.set(label, { label, insert, kind, detail, documentation, rank });
  }
}

function kindName(expr: Expr): string | null {
  switch (expr.kind) {
    case "Lambda":
      return "function";
    case "AttrSet":
      return "set";
    case "List":
      return "list";
    case "String":
    case "Interpolation":
      return "string";
    case "Int":
      return "int";
    case "Float":
      return "float";
    case "Path":
    case "PathInterpolation":
      return "path";
    default:
      return null;
  }
}
