/** A text that is gone through in a thread of its own: what is said of it is what is said of a small one. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestClient } from "./client.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient;
let workspace: Workspace;
let large: string;
let small: string;

const HEAD = [
  "let",
  "  name = { inner = 1; };",
  "  other = name.inner + <lib/a.nix> ./gone.nix;",
  "in builtins.map (x: name) [",
];
const LINES = 10_000;

beforeAll(async () => {
  workspace = makeWorkspace({ "lib/a.nix": "1", "gone.nix": "1" });
  const nixPath = [`lib=${workspace.path("lib")}`];
  client = await TestClient.start({
    folder: workspace.folder,
    initializationOptions: { nixPath, hints: { derivations: true } },
  });
  small = await opened("small.nix", 0);
  large = await opened("large.nix", LINES);
});
afterAll(async () => {
  await client.stop();
  workspace.remove();
});

async function opened(file: string, lines: number): Promise<string> {
  const text = [...HEAD, ...Array.from({ length: lines }, (_, i) => `  name # ${i}`), "]", ""];
  const uri = workspace.write(file, text.join("\n"));
  await client.open(uri, text.join("\n"));
  await client.problems(uri);
  return uri;
}

/** The answers for both, with one name for both files. */
async function both(ask: (uri: string) => Promise<unknown>): Promise<[unknown, unknown]> {
  const of = async (uri: string) => {
    const text = JSON.stringify((await ask(uri)) ?? null);
    return JSON.parse(text.replaceAll(fileURLToPath(uri), "FILE"));
  };
  return [await of(large), await of(small)];
}

test.each([
  ["definition of a name", "definition", 2, 12],
  ["definition of a path that is looked up", "definition", 2, 26],
  ["definition of a path", "definition", 2, 40],
  ["hover of a name", "hover", 2, 12],
  ["hover of a builtin", "hover", 3, 15],
  ["hover of a path that is looked up", "hover", 2, 26],
  ["completion of a name", "completion", 2, 13],
  ["completion behind a dot", "completion", 2, 15],
  ["the name to rename", "prepareRename", 1, 3],
  ["highlights", "documentHighlight", 3, 17],
] as const)("%s", async (_, method, line, character) => {
  const [inLarge, inSmall] = await both((uri) => client.at(method, uri, line, character));
  expect(inLarge).not.toBeNull();
  expect(inLarge).toEqual(inSmall);
});

test("links", async () => {
  const [inLarge, inSmall] = await both((uri) => client.of("documentLink", uri));
  expect(inLarge).toHaveLength(2);
  expect(inLarge).toEqual(inSmall);
});

test("a file that is open and nowhere else", async () => {
  const gone = workspace.uri("untracked.nix");
  await client.open(gone, "1");
  const version = await client.change(large, "./untracked.nix ", [2, 35, 2, 35]);
  const link = await client.at("definition", large, 2, 40);
  expect(link).toEqual([expect.objectContaining({ uri: gone })]);
  await client.change(large, "", [2, 35, 2, 51]);
  await client.close(gone);
  await client.problems(large, version + 1);
});

test("renaming changes every use", async () => {
  const edit = await client.at<{ changes: Record<string, unknown[]> }>("rename", large, 1, 3, {
    newName: "renamed",
  });
  expect(edit.changes[large]).toHaveLength(LINES + 3);
});

test("a rename that would change the meaning is refused", async () => {
  const edit = await client.at("rename", large, 1, 3, { newName: "other" });
  expect(edit).toBeNull();
  expect(client.shown.at(-1)).toBe("'other' is already defined in the same scope.");
});
