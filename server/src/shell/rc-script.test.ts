import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rcScript } from "./rc-script.ts";
import {
  type BashValue,
  parseShellEnvironment,
  type ShellEnvironment,
} from "./shell-environment.ts";

const folder = mkdtempSync(join(tmpdir(), "snowglobe-rc-"));
afterAll(() => rmSync(folder, { recursive: true }));

const places = { outputsDirectory: "/home/me/outputs", filesDirectory: "/tmp/files" };
const exported = (value: string): BashValue => ({ type: "exported", value });

function environment(variables: Record<string, BashValue>): ShellEnvironment {
  const functions = new Map([["greet", ' \n    echo "hello, $1"\n']]);
  return { functions, variables: new Map(Object.entries(variables)) };
}

/** What a bash with the script prints for a command. */
function run(text: string, command: string, env: Record<string, string> = {}): string {
  const file = join(folder, "rc");
  writeFileSync(file, `${text}${command}\n`, "latin1");
  const { PATH = "" } = process.env;
  const options = { env: { PATH, TMPDIR: folder, ...env }, encoding: "latin1" } as const;
  return execFileSync("bash", [file], options);
}

test("the text is that of Nix", () => {
  const { text, files } = rcScript(
    environment({
      FOO: exported("it's /nix/store/o /nix/store/d"),
      HOME: exported("/homeless-shelter"),
      TMPDIR: exported("/build"),
      dev: exported("/nix/store/d"),
      list: { type: "array", value: ["a", "b'c"] },
      map: { type: "associative", value: new Map([["k", "v"]]) },
      name: { type: "var", value: "demo" },
      out: exported("/nix/store/o"),
      outputs: exported("out dev"),
    }),
    places,
  );
  expect(text).toBe(`unset shellHook
PATH=\${PATH:-}
nix_saved_PATH="$PATH"
XDG_DATA_DIRS=\${XDG_DATA_DIRS:-}
nix_saved_XDG_DATA_DIRS="$XDG_DATA_DIRS"
FOO='it'\\''s /home/me/outputs/out /home/me/outputs/dev'
export FOO
dev='/home/me/outputs/dev'
export dev
declare -a list=('a' 'b'\\''c' )
declare -A map=(['k']='v' )
name='demo'
out='/home/me/outputs/out'
export out
outputs='out dev'
export outputs
greet ()
{
 
    echo "hello, $1"
}
PATH="$PATH\${nix_saved_PATH:+:$nix_saved_PATH}"
XDG_DATA_DIRS="$XDG_DATA_DIRS\${nix_saved_XDG_DATA_DIRS:+:$nix_saved_XDG_DATA_DIRS}"
export NIX_BUILD_TOP="$(mktemp -d -t nix-shell.XXXXXX)"
export TMP="$NIX_BUILD_TOP"
export TMPDIR="$NIX_BUILD_TOP"
export TEMP="$NIX_BUILD_TOP"
export TEMPDIR="$NIX_BUILD_TOP"
eval "\${shellHook:-}"
`);
  expect(files.size).toBe(0);
});

test("bash reads the very values", () => {
  const value = "\x01 it's \"q\" \\ $HOME `x` !\n\xc3\xbc\xff\t'";
  const env = environment({
    text: { type: "var", value },
    list: { type: "array", value: [value, ""] },
    map: { type: "associative", value: new Map([[value, "in map"]]) },
    out: exported("/o"),
  });
  const { text } = rcScript(env, places);
  const command = 'printf "%s|" "$text" "${list[@]}" "${map[$text]}"; greet you';
  expect(run(text, command)).toBe(`${value}|${value}||in map|hello, you\n`);
});

test("the user's paths stay behind, the hook is run once, directories are fresh", () => {
  const { PATH = "" } = process.env;
  const env = environment({
    FOO: exported("1"),
    PATH: exported(PATH),
    XDG_DATA_DIRS: exported("/env/share"),
    out: exported("/o"),
    shellHook: exported('echo "hook $FOO"'),
  });
  const command = 'echo "$PATH"; echo "$XDG_DATA_DIRS"; test -d "$TMPDIR" && rmdir "$TMPDIR"';
  const printed = run(rcScript(env, places).text, command, { XDG_DATA_DIRS: "/usr/share" });
  expect(printed).toBe(`hook 1\n${PATH}:${PATH}\n/env/share:/usr/share\n`);
});

test("files of structured attributes are where the variables say", () => {
  const attrs = (path: string) => `{"outputs":{"out":"${path}"}}`;
  const env = parseShellEnvironment(
    JSON.stringify({
      bashFunctions: {},
      variables: {
        NIX_ATTRS_JSON_FILE: { type: "exported", value: "/build/.attrs.json" },
        NIX_ATTRS_SH_FILE: { type: "exported", value: "/build/.attrs.sh" },
        outputs: { type: "associative", value: { out: "/nix/store/o" } },
      },
      structuredAttrs: { ".attrs.sh": "out='/nix/store/o'", ".attrs.json": attrs("/nix/store/o") },
    }),
  );
  const { text, files } = rcScript(env, places);
  expect(text).toContain("NIX_ATTRS_JSON_FILE='/tmp/files/.attrs.json'\n");
  expect(text).toContain("NIX_ATTRS_SH_FILE='/tmp/files/.attrs.sh'\n");
  expect(text).toContain("declare -A outputs=(['out']='/home/me/outputs/out' )\n");
  expect(Object.fromEntries(files)).toEqual({
    ".attrs.json": attrs("/home/me/outputs/out"),
    ".attrs.sh": "out='/home/me/outputs/out'",
  });
});
