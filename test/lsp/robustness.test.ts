/** Documents as they come: the server lives, and says something sensible or nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { DocumentSymbol, InlayHint } from "vscode-languageserver/node";
import { TestClient } from "./client.ts";
import { drv, makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient;
let workspace: Workspace;
const opened: string[] = [];

beforeAll(async () => {
  workspace = makeWorkspace();
  client = await TestClient.start({
    folder: workspace.folder,
    capabilities: {
      textDocument: { documentSymbol: { hierarchicalDocumentSymbolSupport: true } },
    },
  });
});
afterEach(async () => {
  for (const uri of opened.splice(0)) await client.close(uri);
  expect(client.exitCode).toBeNull();
});
afterAll(async () => {
  await client.stop();
  workspace.remove();
});

async function open(uri: string, text: string): Promise<string> {
  await client.open(uri, text);
  opened.push(uri);
  return uri;
}

const start = { line: 0, character: 0 };
const everything = { range: { start, end: { line: 100_000, character: 0 } } };

/** Every request about a document, at its first and at an impossible place. */
async function askEverything(uri: string): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const method of [
    "documentSymbol",
    "foldingRange",
    "semanticTokens/full",
    "documentLink",
    "formatting",
  ]) {
    answers.push(await client.of(method, uri, { options: { tabSize: 2, insertSpaces: true } }));
  }
  answers.push(await client.of("semanticTokens/range", uri, everything));
  answers.push(await client.of("inlayHint", uri, everything));
  answers.push(await client.of("selectionRange", uri, { positions: [start] }));
  for (const position of [start, { line: 99_999, character: 99_999 }]) {
    const { line, character } = position;
    for (const method of [
      "hover",
      "definition",
      "completion",
      "documentHighlight",
      "prepareRename",
    ]) {
      answers.push(await client.at(method, uri, line, character));
    }
    const context = { includeDeclaration: true };
    answers.push(await client.at("references", uri, line, character, { context }));
    answers.push(await client.at("rename", uri, line, character, { newName: "x" }));
  }
  return answers;
}

describe("every request is answered for", () => {
  test.each([
    ["an empty file", ""],
    ["one that does not parse", "{ a = ; b = [ 1 2 ; }"],
    ["only a comment", "# nothing"],
    ["an open string", '"abc ${'],
    ["NUL and control bytes", "{ a = \0; \u0001 }"],
    ["lone surrogates", '{ a = "\ud800"; b = \udc00; }'],
    ["deep nesting", `${"[".repeat(20_000)}${"]".repeat(20_000)}`],
    ["deep sets", `${"{ a = ".repeat(3000)}1${"; }".repeat(3000)}`],
    ["a long chain", `1${" + 1".repeat(20_000)}`],
    ["CR line ends", "{\r  a = 1;\r}\r"],
  ])("%s", async (_name, text) => {
    const uri = await open(workspace.uri("any.nix"), text);
    await askEverything(uri);
  });

  test("a document that is not open", async () => {
    for (const answer of await askEverything(workspace.uri("not-open.nix"))) {
      expect(answer === null || JSON.stringify(answer) === '{"data":[]}').toBe(true);
    }
  });
});

test("a syntax error is told in Nix's words", async () => {
  const uri = await open(workspace.uri("wrong.nix"), "{ a = ; }");
  expect(await client.problems(uri)).toEqual(["syntax error, unexpected ';'"]);
  expect(client.diagnostics.get(uri)?.diagnostics[0]).toMatchObject({
    source: "snowglobe",
    code: "syntax",
    severity: 1,
    range: { start: { line: 0, character: 6 }, end: { line: 0, character: 7 } },
  });
  expect(await client.status(uri, "error")).toMatchObject({
    derivations: 0,
    error: "syntax error, unexpected ';'",
  });
});

test("a closed document has no problems left", async () => {
  const uri = workspace.uri("closed.nix");
  await client.open(uri, "{ a = ; }");
  await client.problems(uri);
  await client.close(uri);
  const known = await client.until("no diagnostics", () => {
    const found = client.diagnostics.get(uri);
    return found?.diagnostics.length === 0 && found;
  });
  expect(known.diagnostics).toEqual([]);
});

test("a directory named x.nix", async () => {
  workspace.write("x.nix/default.nix", drv("inside"));
  const user = await open(workspace.write("user.nix", "import ./x.nix"), "import ./x.nix");
  await client.status(user, "ready");
  const links = await client.of<{ target: string }[]>("documentLink", user);
  expect(links.map(({ target }) => target)).toEqual([workspace.uri("x.nix/default.nix")]);
  // A client that takes the directory for a document.
  const uri = await open(workspace.uri("x.nix"), "1");
  await client.until("an end", () => client.statuses.get(uri)?.state !== "evaluating");
  await askEverything(uri);
});

test("a file that is not UTF-8 is evaluated from its bytes", async () => {
  const bytes = Buffer.concat([
    Buffer.from('derivation { name = "bytes"; system = "s"; builder = "'),
    Buffer.from([0xff]),
    Buffer.from('"; }'),
  ]);
  const uri = workspace.write("bytes.nix", bytes);
  await open(uri, bytes.toString("utf8"));
  await client.status(uri, "ready");
  const hints = (await client.of<InlayHint[]>("inlayHint", uri, everything)) ?? [];
  // Nix's own hash for a builder of the one byte 0xff, which is not that of U+FFFD.
  const replaced = await open(workspace.uri("replaced.nix"), bytes.toString("utf8"));
  await client.status(replaced, "ready");
  const others = (await client.of<InlayHint[]>("inlayHint", replaced, everything)) ?? [];
  expect(hints).toHaveLength(1);
  expect(others).toHaveLength(1);
  expect(hints[0]?.label).not.toBe(others[0]?.label);
});

test("CRLF and characters outside of ASCII: places are the editor's", async () => {
  const text = '{\r\n  # 😀\r\n  "ä" = 1;\r\n  b = "😀" + c;\r\n}\r\n';
  const uri = await open(workspace.uri("crlf.nix"), text);
  expect(await client.problems(uri)).toEqual(["undefined variable 'c'"]);
  expect(client.diagnostics.get(uri)?.diagnostics[0]?.range).toEqual({
    start: { line: 3, character: 13 },
    end: { line: 3, character: 14 },
  });
  const symbols = await client.of<DocumentSymbol[]>("documentSymbol", uri);
  expect(symbols[0]?.selectionRange).toEqual({
    start: { line: 2, character: 2 },
    end: { line: 2, character: 5 },
  });
});

test("a document that has never been saved", async () => {
  const uri = await open("untitled:Untitled-1", `{ a = ${drv("unsaved")}; b = ./x; }`);
  await client.status(uri, "ready");
  const hints = (await client.of<InlayHint[]>("inlayHint", uri, everything)) ?? [];
  expect(hints.map(({ label }) => label)).toEqual([expect.stringMatching(/ unsaved$/)]);
  await askEverything(uri);
  await client.change(uri, "{ a = throw ''no''; }");
  expect((await client.status(uri, "error")).error).toBe("no");
});

test("a formatter that is set by the user", async () => {
  const formatter = [process.execPath, "-e", "process.stdout.write('{ formatted = 1; }\\n')"];
  const other = await TestClient.start({
    folder: workspace.folder,
    initializationOptions: { formatter: { command: formatter } },
  });
  const uri = workspace.uri("format.nix");
  await other.open(uri, "{ formatted=1; }\n");
  const options = { tabSize: 2, insertSpaces: true };
  expect(await other.of("formatting", uri, { options })).toEqual([
    {
      range: { start: { line: 0, character: 11 }, end: { line: 0, character: 12 } },
      newText: " = ",
    },
  ]);
  await other.stop();
  const broken = await TestClient.start({
    folder: workspace.folder,
    initializationOptions: { formatter: { command: ["/no/such/formatter"] } },
  });
  await broken.open(uri, "{ formatted=1; }\n");
  expect(await broken.of("formatting", uri, { options })).toBeNull();
  expect(broken.shown[0]).toMatch(/ENOENT/);
  await broken.stop();
});

test("links to commands only for a client that has them", async () => {
  const other = await TestClient.start({
    folder: workspace.folder,
    initializationOptions: { commandLinks: true },
  });
  const uri = workspace.uri("links.nix");
  const text = `{ a = ${drv("linked")}; }`;
  await other.open(uri, text);
  await other.status(uri, "ready");
  await open(uri, text);
  await client.status(uri, "ready");
  const shown = JSON.stringify(await other.at("hover", uri, 0, 2));
  expect(shown).toMatch(
    /command:snowglobe\.showDerivation\?%5B%22%2Fnix%2Fstore%2F\w+-linked\.drv/,
  );
  expect(shown).toContain("command:snowglobe.copyStorePath?");
  expect(JSON.stringify(await client.at("hover", uri, 0, 2))).not.toContain("command:");
  await other.stop();
});

test("UTF-8 positions when the client asks for them", async () => {
  const other = await TestClient.start({
    folder: workspace.folder,
    capabilities: { general: { positionEncodings: ["utf-8", "utf-16"] } },
  });
  expect(other.initialized?.capabilities.positionEncoding).toBe("utf-8");
  const uri = workspace.uri("utf8.nix");
  await other.open(uri, '"😀" + c');
  await other.problems(uri);
  expect(other.diagnostics.get(uri)?.diagnostics[0]?.range.start).toEqual({
    line: 0,
    character: 9,
  });
  await other.change(uri, "d", [0, 9, 0, 10]);
  expect(await other.problems(uri, 2)).toEqual(["undefined variable 'd'"]);
  await other.stop();
});

test("a client that does not read any more ends the server", async () => {
  const other = await TestClient.start({ folder: workspace.folder });
  const ended = new Promise((resolve) => other.process.once("exit", resolve));
  const uri = workspace.uri("unread.nix");
  await other.open(uri, "1");
  await other.problems(uri);
  other.process.stdout?.destroy();
  await other.change(uri, "{");
  expect(await ended).toBe(1);
  other.connection.dispose();
});

test("a text that is wrong at several places has an error at each", async () => {
  const text = "{ a = ; b = { c = 1 }; d = ]; }";
  const uri = await open(workspace.uri("wrong.nix"), text);
  // Nix stops at the first: what is behind it the tolerant parser finds.
  expect((await client.problems(uri)).length).toBeGreaterThan(1);
});
