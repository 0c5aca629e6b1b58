/**
 * Literals that the settings `lint-url-literals`, `lint-absolute-path-literals` and
 * `lint-short-path-literals` of Nix 2.34 are about. `warn` reports them, `fatal` refuses them.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Expr } from "./ast.ts";
import { writtenChildren } from "./children.ts";

export const LITERAL_LINTS = [
  "lint-url-literals",
  "lint-absolute-path-literals",
  "lint-short-path-literals",
] as const;
export type LiteralLint = (typeof LITERAL_LINTS)[number];
export type LintLevel = "ignore" | "warn" | "fatal";
export type LintLevels = Readonly<Partial<Record<LiteralLint, LintLevel>>>;

export interface LintFinding {
  start: number;
  end: number;
  lint: LiteralLint;
  level: "warn" | "fatal";
  /** In Nix's words, the setting's name at the end. */
  message: ByteString;
}

function rule(expr: Expr, source: ByteString): [LiteralLint, (fatal: boolean) => string] | null {
  if (expr.kind === "String") {
    const first = source.charCodeAt(expr.start);
    if (first === 0x22 /* " */ || first === 0x27 /* ' */) return null;
    const text = source.slice(expr.start, expr.end);
    return [
      "lint-url-literals",
      (fatal) =>
        `URL literals are ${fatal ? "disallowed" : "discouraged"}. Consider using a string literal "${text}" instead`,
    ];
  }
  if (expr.kind !== "Path") return null;
  const { value } = expr;
  const portable = (kind: string) =>
    `${kind} path literals are not portable. Consider replacing path literal '${value}' by a string, relative path, or parameter`;
  if (value.startsWith("/")) return ["lint-absolute-path-literals", () => portable("absolute")];
  if (value.startsWith("~")) return ["lint-absolute-path-literals", () => portable("home")];
  if (value.startsWith(".")) return null;
  return [
    "lint-short-path-literals",
    () => `relative path literal '${value}' should be prefixed with '.' for clarity: './${value}'`,
  ];
}

/** In source order. */
export function lintLiterals(root: Expr, source: ByteString, levels: LintLevels): LintFinding[] {
  const found: LintFinding[] = [];
  const visit = (expr: Expr): void => {
    const [lint, message] = rule(expr, source) ?? [];
    const level = lint === undefined ? "ignore" : (levels[lint] ?? "ignore");
    if (lint !== undefined && message !== undefined && level !== "ignore") {
      const { start, end } = expr;
      found.push({ start, end, lint, level, message: `${message(level === "fatal")} (${lint})` });
    }
    writtenChildren(expr, visit);
  };
  visit(root);
  return found;
}
