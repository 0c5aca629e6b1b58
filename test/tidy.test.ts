/**
 * Holds the architecture: layer order, pure layers, and the habits that no type or lint rule sees.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** Bottom to top: a file imports its own layer and lower ones only. */
const layers = [
  "base",
  "syntax",
  "scope",
  "format",
  "store",
  "eval",
  "flake",
  "build",
  "shell",
  "lint",
  "ide",
  "host",
  "lsp",
  "cli",
];

/** They run in a browser too: tsconfig.pure.json compiles them with the types of neither Node nor a page. */
const pureLayers = ["base", "syntax", "scope", "format", "store", "eval", "flake", "lint", "ide"];

const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root })
  .toString()
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));
const sources = tracked.filter((file) => /^(client|server)\/src\/.*\.ts$/.test(file));

describe("imports", () => {
  test("a layer imports itself and lower ones", () => {
    expect(sources.flatMap((file) => importProblems(file, text(file)))).toEqual([]);
  });

  test("the rule sees every form of import", () => {
    const upward = [
      'import { a } from "../ide/a.ts";',
      'import type { A } from "../ide/a.ts";',
      'export type { A } from "../ide/a.ts";',
      'export * from "../ide/a.ts";',
      'const a = await import("../ide/a.ts");',
      'import { a } from "../../../client/src/a.ts";',
      'import { a } from "../testing/a.ts";',
    ];
    for (const line of upward) {
      expect(importProblems("server/src/eval/x.ts", line), line).toHaveLength(1);
    }
    expect(importProblems("server/src/ide/x.ts", 'import "../eval/a.ts";')).toEqual([]);
    expect(importProblems("server/src/eval/x.test.ts", 'import "../testing/a.ts";')).toEqual([]);
    expect(importProblems("client/src/x.ts", 'import "../../server/src/ide/a.ts";')).toHaveLength(
      1,
    );
    const protocol = 'import "../../server/src/lsp/protocol.ts";';
    expect(importProblems("client/src/x.ts", protocol)).toEqual([]);
  });
});

describe("layers", () => {
  const folders = readdirSync(join(root, "server/src")).filter((name) =>
    sources.some((file) => file.startsWith(`server/src/${name}/`)),
  );

  test("each folder is a layer, or the tests' own", () => {
    expect(folders.filter((name) => ![...layers, "testing"].includes(name))).toEqual([]);
  });

  test("each says what it is and what it must not know", () => {
    const silent = folders.filter((name) => !tracked.includes(`server/src/${name}/README.md`));
    expect(silent).toEqual([]);
  });

  test("pure layers are compiled without Node's types", () => {
    const { include, compilerOptions } = JSON.parse(text("tsconfig.pure.json"));
    expect(compilerOptions.types).toEqual([]);
    const missing = folders.filter(
      (name) => pureLayers.includes(name) && !include.includes(`server/src/${name}`),
    );
    expect(missing).toEqual([]);
  });

  test("each feature of the editor has its test beside it", () => {
    const features = sources.filter((file) => /^server\/src\/ide\/.*\.ts$/.test(file));
    const untested = features.filter(
      (file) =>
        !file.endsWith(".test.ts") &&
        !features.includes(file.replace(/ts$/, "test.ts")) &&
        // A file of types has nothing that could be tested.
        /^export (?!interface|type)/m.test(text(file)),
    );
    expect(untested).toEqual([]);
  });
});

describe("files", () => {
  test("no test is left out", () => {
    const marks = /\b(?:test|it|describe|suite)\.(?:only|skip|todo)\b/;
    const marked = tracked.filter((file) => file.endsWith(".test.ts") && marks.test(text(file)));
    expect(marked).toEqual([]);
  });

  test("no path of somebody's machine", () => {
    // Pieces, so that this file does not hold what it looks for.
    const place = new RegExp(["/wo" + "rk/", "/ro" + "ot/\\.", "\\.\\./sha" + "red/"].join("|"));
    const named = tracked.filter((file) => isText(file) && place.test(text(file)));
    expect(named).toEqual([]);
  });

  test("what npm and the build make is not part of the tree", () => {
    const list = execFileSync("git", ["ls-files", "node_modules", "dist", "out"], { cwd: root });
    expect(list.toString()).toBe("");
  });
});

describe("extension manifest", () => {
  const manifest = JSON.parse(text("package.json"));
  const { contributes } = manifest;

  test("the files it names are there", () => {
    const named = [...JSON.stringify(contributes).matchAll(/"(\.\/[^"]+)"/g)].map(
      ([, path]) => path,
    );
    expect(named.filter((path) => !existsSync(join(root, path ?? "")))).toEqual([]);
  });

  test("each command it names is registered", () => {
    const commands: { command: string }[] = contributes.commands;
    const code = text("client/src/commands.ts");
    expect(commands.filter(({ command }) => !code.includes(`"${command}"`))).toEqual([]);
  });

  test("settings that name programs, hosts or paths, or download, want trust", () => {
    const settings = Object.keys(contributes.configuration.properties);
    const sensitive = /path|command|node$|substituters|keys|caches|engine|fetch/i;
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    expect(restrictedConfigurations).toEqual(settings.filter((name) => sensitive.test(name)));
  });
});

/** What a file imports and must not. */
function importProblems(file: string, code: string): string[] {
  return imports(file, code)
    .filter((request) => request.startsWith("."))
    .map((request) =>
      relative(root, join(root, dirname(file), request))
        .split(sep)
        .join("/"),
    )
    .filter((target) => !mayImport(file, target))
    .map((target) => `${file} imports ${target}`);
}

function mayImport(file: string, target: string): boolean {
  const from = place(file);
  const to = place(target);
  if (file.endsWith(".test.ts") || from === "testing") return to !== undefined;
  if (from === undefined || to === undefined) return false;
  if (from === "client") return to === "client" || target === "server/src/lsp/protocol.ts";
  const [low, high] = [layers.indexOf(to), layers.indexOf(from)];
  return low >= 0 && low <= high;
}

/** The layer of a file, "client", "testing", or undefined outside of the product. */
function place(file: string): string | undefined {
  const [top, src, folder] = file.split("/");
  if (src !== "src") return undefined;
  return top === "client" ? "client" : top === "server" ? folder : undefined;
}

function imports(file: string, code: string): string[] {
  const { module, errors } = parseSync(file, code);
  expect(errors, file).toEqual([]);
  return [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      code.slice(start + 1, end - 1),
    ),
  ];
}

function text(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

function isText(file: string): boolean {
  return !/\.(wasm|png|gif|vsix)$|^package-lock\.json$|^grammars\/.*\/src\/parser\.c$/.test(file);
}
