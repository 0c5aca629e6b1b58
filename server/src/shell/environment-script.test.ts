import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ENVIRONMENT_SCRIPT } from "./environment-script.ts";
import { parseShellEnvironment } from "./shell-environment.ts";

const folder = mkdtempSync(join(tmpdir(), "snowglobe-environment-"));
const [script, stdenv, out, dev] = ["get-env.sh", "stdenv", "out", "dev"].map((name) =>
  join(folder, name),
) as [string, string, string, string];
const { PATH = "" } = process.env;
writeFileSync(script, ENVIRONMENT_SCRIPT);
mkdirSync(stdenv);

afterAll(() => rmSync(folder, { recursive: true }));

/** The environment that a set-up makes. */
function environment(setup: string, env: Record<string, string>) {
  writeFileSync(join(stdenv, "setup"), setup, "latin1");
  writeFileSync(out, "");
  execFileSync("bash", [script], { env: { stdenv, out, dev, PATH, ...env } });
  return parseShellEnvironment(readFileSync(out, "latin1"));
}

test("every kind of variable and function, whatever is in them", () => {
  const env = environment(
    String.raw`
set -eu -o pipefail
shopt -s nullglob extglob nocasematch
declare -A map=([a b]="x'y" [z]=$'n\nl' [']']=1 ['a"b']=2 ['$x']=3 [*]=4)
list=(one "two words" $'th\tree' "" '$(x)')
sparse=([7]=d [3]=c)
declare -a none
empty=()
declare nothing
export nothing2
declare -i number=7
declare -r constant=1
declare -rx exportedConstant=1
plain='it'\''s "quoted" \back & $PATH'
line=$'x\ndeclare -x fake="1"\ndeclare -x LANG="1"\n'
control=$'\x01\b\r\x1f\x7f'
bytes=$'\xc3\xbc\xff'
export shown="a=b declare -- c=d"
runHook() { eval "$1"; }
braces() { echo "{ }"; cat <<E
  here } $x
E
}
sub() ( echo sub; )
a:b-c() { :; }
exportedFunction() { :; }
export -f exportedFunction
IFS=,
trap 'echo bye' EXIT
`,
    { outputs: "out dev", shellHook: "hook" },
  );
  const variables = Object.fromEntries(
    Array.from(env.variables, ([name, { type, value }]) => [
      name,
      [type, value instanceof Map ? Object.fromEntries(value) : value],
    ]),
  );
  const map = { "a b": "x'y", z: "n\nl", "]": "1", 'a"b': "2", $x: "3", "*": "4" };
  expect(variables).toMatchObject({
    map: ["associative", map],
    list: ["array", ["one", "two words", "th\tree", "", "$(x)"]],
    sparse: ["array", ["c", "d"]],
    none: ["array", []],
    empty: ["array", []],
    nothing: ["var", ""],
    nothing2: ["exported", ""],
    plain: ["var", 'it\'s "quoted" \\back & $PATH'],
    line: ["var", 'x\ndeclare -x fake="1"\ndeclare -x LANG="1"\n'],
    control: ["var", "\x01\b\r\x1f\x7f"],
    bytes: ["var", "\xc3\xbc\xff"],
    shown: ["exported", "a=b declare -- c=d"],
    IFS: ["var", ","],
    IN_NIX_SHELL: ["exported", "impure"],
    dontAddDisableDepTrack: ["exported", "1"],
    shellHook: ["exported", "hook"],
    stdenv: ["exported", stdenv],
    PATH: ["exported", PATH],
  });
  const absent = ["number", "constant", "exportedConstant", "fake", "PWD", "SHLVL", "RANDOM", "_"];
  expect(absent.filter((name) => env.variables.has(name))).toEqual([]);
  expect([...env.variables.keys()].filter((name) => /^(__sg|BASH_)/.test(name))).toEqual([]);
  expect(Object.fromEntries(env.functions)).toEqual({
    runHook: ' \n    eval "$1"\n',
    braces: ' \n    echo "{ }";\n    cat <<E\n  here } $x\nE\n\n',
    sub: " \n    ( echo sub )\n",
    "a:b-c": " \n    :\n",
  });
  expect(readFileSync(dev, "utf8")).toBe("");
});

test("the only output need not be named", () => {
  expect(environment("", {}).variables.get("out")).toEqual({ type: "exported", value: out });
});

test("structured attributes come as their files say, and as files", () => {
  const [sh, json] = [join(folder, ".attrs.sh"), join(folder, ".attrs.json")];
  const text = `declare -A outputs=(['out']='${out}' )\ndeclare -a list=('a' 'b c' )`;
  writeFileSync(sh, `${text}\n`);
  writeFileSync(json, '{"list":["a","b c"]}');
  const env = environment("", { NIX_ATTRS_SH_FILE: sh, NIX_ATTRS_JSON_FILE: json });
  expect(env.variables.get("list")).toEqual({ type: "array", value: ["a", "b c"] });
  expect(env.structuredAttrs).toEqual({ sh: text, json: '{"list":["a","b c"]}' });
});
