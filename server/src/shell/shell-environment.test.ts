import { expect, test } from "vitest";
import {
  environmentOutputs,
  parseShellEnvironment,
  printShellEnvironment,
  ShellEnvironmentError,
} from "./shell-environment.ts";

const JSON_TEXT =
  '{"bashFunctions":{"b":" \\n    :\\n","a:c":"x"},"variables":{"out":{"type":"exported","value":"/s/o"},' +
  '"outputs":{"type":"var","value":" out\\ndev"},"dev":{"type":"var","value":"/s/d"},' +
  '"list":{"type":"array","value":["a\\u0001","\xc3\xbc"]},"map":{"type":"associative","value":{"9":"","10":"x","__proto__":"p"}},' +
  '"num":{"type":"unknown"}},"structuredAttrs":{".attrs.sh":"s",".attrs.json":"{}"}}';

test("what the script wrote is read, and printed as Nix prints it", () => {
  const env = parseShellEnvironment(JSON_TEXT);
  expect([...env.functions]).toEqual([
    ["a:c", "x"],
    ["b", " \n    :\n"],
  ]);
  expect([...env.variables.keys()]).toEqual(["dev", "list", "map", "out", "outputs"]);
  expect(printShellEnvironment(env)).toBe(
    '{"bashFunctions":{"a:c":"x","b":" \\n    :\\n"},"structuredAttrs":{".attrs.json":"{}",".attrs.sh":"s"},"variables":{' +
      '"dev":{"type":"var","value":"/s/d"},"list":{"type":"array","value":["a\\u0001","\xc3\xbc"]},' +
      '"map":{"type":"associative","value":{"10":"x","9":"","__proto__":"p"}},' +
      '"out":{"type":"exported","value":"/s/o"},"outputs":{"type":"var","value":" out\\ndev"}}}',
  );
});

test("outputs by name, as a string or as an associative array", () => {
  const outputs = { out: "/s/o", dev: "/s/d" };
  const env = parseShellEnvironment(JSON_TEXT);
  expect(Object.fromEntries(environmentOutputs(env))).toEqual(outputs);
  const value = JSON.stringify(outputs);
  const structured = `{"bashFunctions":{},"variables":{"outputs":{"type":"associative","value":${value}}}}`;
  expect(Object.fromEntries(environmentOutputs(parseShellEnvironment(structured)))).toEqual(
    outputs,
  );
});

test.each([
  ["", "JSON"],
  ["[]", "'the whole' is no object"],
  ['{"bashFunctions":{"f":1},"variables":{}}', "'f' is no string"],
  ['{"bashFunctions":{},"variables":{"a":{"type":"array","value":""}}}', "'a' is no array"],
])("%s is refused", (text, message) => {
  const read = () => parseShellEnvironment(text);
  expect(read).toThrow(ShellEnvironmentError);
  expect(read).toThrow(message);
});
