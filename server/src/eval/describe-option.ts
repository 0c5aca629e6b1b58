/** What the module system knows of an option: its declaration, and the value that all modules together give it. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { NixError } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import {
  aliasedOption,
  attribute,
  findOption,
  isOption,
  type OptionStep,
  optionsAt,
  optionText,
  plainText,
} from "./find-option.ts";
import { optionDeclaration } from "./option-declaration.ts";
import { attempt, force } from "./runtime.ts";
import type { Slot, Value } from "./values.ts";

/** All options of a configuration, and their values. */
export interface Configuration {
  readonly config: Slot;
  readonly options: Slot;
  /** What `evalModules` gave, where that is known. */
  readonly whole?: Slot;
}

export interface OptionDescription {
  readonly name: ByteString;
  /** In the markup of nixpkgs' manuals. */
  readonly description: ByteString | null;
  readonly type: ByteString | null;
  readonly fallback: ByteString | null;
  /** Null when it has none, or fails. */
  readonly value: ByteString | null;
  readonly declared: Declaration | null;
}

/** Lines and columns from 1. */
export interface Declaration {
  readonly file: ByteString;
  readonly line: number;
  readonly column: number;
}

/** How a description shows what the session knows better. */
export interface OptionReader {
  readonly show: (value: Value) => ByteString;
  /** The place of a position id. */
  readonly place: (position: number) => Declaration | null;
}

/** @param names the path of the option; null when there is no option there */
export function describeOption(
  ev: Evaluator,
  { config, options }: Configuration,
  names: readonly OptionStep[],
  reader: OptionReader,
): OptionDescription | null {
  const option = findOption(ev, options, names);
  if (option === null || !isOption(option)) return null;
  let value: Slot | undefined = config;
  for (const name of names) {
    const set: Value = forced(value);
    value = set instanceof Attrs && name !== null ? set.get(name) : undefined;
  }
  const aliased = aliasedOption(ev, options, names);
  const known = aliased ?? { option, names };
  const described = aliased === null ? [option] : [option, aliased.option];
  const description = described
    .flatMap((each) => optionText(attribute(each, "description")) ?? [])
    .join("\n\n");
  return {
    name: names.map((name) => name ?? "*").join("."),
    description: description === "" ? null : description,
    type: typeText(known.option),
    fallback:
      optionText(attribute(known.option, "defaultText")) ??
      shown(known.option.get("default"), reader),
    value: shown(value, reader),
    declared: declarationOf(ev, known.option, known.names, reader),
  };
}

/** The options at a path, or below an option that holds submodules; null when there are none. */
export function optionNames(
  ev: Evaluator,
  { options }: Configuration,
  names: readonly OptionStep[],
): { name: ByteString; type: ByteString | null }[] | null {
  const found = optionsAt(ev, options, names);
  return (
    found?.map(({ name, value }) => ({
      name,
      type: value instanceof Attrs ? (isOption(value) ? typeText(value) : "options") : null,
    })) ?? null
  );
}

function typeText(option: Attrs): ByteString | null {
  const type = attribute(option, "type");
  return type instanceof Attrs ? optionText(attribute(type, "description")) : null;
}

/** What an option is declared with. */
const PARTS = ["type", "default", "defaultText", "description", "example"];

/** Where it is declared: as the module system says, which may be the file only; better where its parts are. */
function declarationOf(
  ev: Evaluator,
  option: Attrs,
  names: readonly OptionStep[],
  { place }: OptionReader,
): Declaration | null {
  const [exact] = firstOf(attribute(option, "declarationPositions"));
  if (exact instanceof Attrs) {
    const [file, line, column] = ["file", "line", "column"].map((name) => attribute(exact, name));
    const path = plainText(file ?? null);
    if (path !== null && isNumber(line) && isNumber(column))
      return { file: ev.files.physical(path), line: Number(line), column: Number(column) };
  }
  const [first] = firstOf(attribute(option, "declarations"));
  const file = plainText(first ?? null);
  const parts = PARTS.flatMap((name) => place(option.position(name)) ?? []);
  // The options of a submodule are often in another file; what nixpkgs' own functions say is in theirs.
  const own = parts.filter((each) => !/\/lib\/(?:options|modules|types)\.nix$/.test(each.file));
  const [nearest] = own.sort((a, b) => a.line - b.line);
  if (nearest !== undefined || file === null) return nearest ?? null;
  return inText(ev, file, names, place) ?? { file: ev.files.physical(file), line: 1, column: 1 };
}

/** Where a file's text declares an option that has been made elsewhere: `enable = mkEnableOption "it"`. */
function inText(
  ev: Evaluator,
  path: ByteString,
  names: readonly OptionStep[],
  place: OptionReader["place"],
): Declaration | null {
  const parsed = attempt(() => ev.parseFile(ev.resolveImport(path)));
  const offset = parsed && optionDeclaration(parsed.expr, names);
  return parsed === null || offset === null ? null : place(parsed.file.base + offset);
}

function isNumber(value: Value | undefined): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** The first item of a list, as a list. */
function firstOf(value: Value): Value[] {
  return Array.isArray(value) ? value.slice(0, 1).map(forced) : [];
}

/** Of a list the first items are evaluated, so that they can be told apart. */
const SHOWN_ITEMS = 20;

function shown(slot: Slot | undefined, { show }: OptionReader): ByteString | null {
  if (slot === undefined) return null;
  try {
    const value = force(slot);
    if (Array.isArray(value)) for (const item of value.slice(0, SHOWN_ITEMS)) forced(item);
    return show(value);
  } catch (error) {
    if (error instanceof NixError) return null;
    throw error;
  }
}

/** Null for what is not there, or fails. */
function forced(slot: Slot | undefined): Value {
  return slot === undefined ? null : attempt(() => force(slot));
}
