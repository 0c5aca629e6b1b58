import { expect, test } from "vitest";
import { bytesFromText } from "../base/bytes.ts";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { namedFiles, nearOptions, optionError } from "./option-error.ts";
import { EvaluationSession } from "./session.ts";

const problem = (message: string) => {
  const found = optionError(bytesFromText(message));
  return found && `${found.name}: ${found.problem}`;
};

test("the words of old and new releases", () => {
  expect(problem("The option `a.b' defined in `/m.nix' does not exist.")).toBe("a.b: unknown");
  expect(problem("The option `a.b' does not exist. Definition values:\n- In `/m.nix': 1")).toBe(
    "a.b: unknown",
  );
  expect(problem("The option value `a.b' in `/m.nix' is not of type `boolean'.")).toBe(
    "a.b: value",
  );
  expect(problem("The option value `a` in `/m.nix` is not a list.")).toBe("a: value");
  expect(problem("A definition for option `a.\"x.y\".b' is not of type `string'.")).toBe(
    'a."x.y".b: value',
  );
  expect(problem("The option ‘a.b’ has conflicting definitions, in ‘/m’ and ‘/n’.")).toBe(
    "a.b: value",
  );
  expect(problem("The unique option `a.b' is defined multiple times, in `/m'.")).toBe("a.b: value");
  expect(problem("The option `a.b' is used but not defined.")).toBe("a.b: undefined");
  expect(
    problem("The option `a' was accessed but has no value defined. Try setting the option."),
  ).toBe("a: undefined");
});

test("the files that define what a message is about", () => {
  const files = (message: string) => namedFiles(bytesFromText(message));
  expect(files("The option `a' defined in `/m.nix' does not exist.")).toEqual(["/m.nix"]);
  expect(files("The option ‘a’ has conflicting definitions, in ‘/m’ and ‘/n’.")).toEqual([
    "/m",
    "/n",
  ]);
  const option = "A definition for option `a.b' is not of type `string'. Definition values:";
  expect(files(`${option}\n- In \`/m.nix, via option x': 1\n- In \`<unknown-file>': 2`)).toEqual([
    "/m.nix",
  ]);
});

test("an item of a list; a value that does not exist is no unknown option", () => {
  const message =
    "The option value `a.[definition 1-entry 2]' in `/m.nix' is not of type `integer'.";
  expect(problem(message)).toBe("a.[definition 1-entry 2]: value");
  expect(
    problem(
      "The option `a' has conflicting definition values:\n- In `/m': the file does not exist",
    ),
  ).toBe("a: value");
  expect(problem("attribute 'a' missing")).toBeNull();
});

test("what an unknown option may be meant to be, also behind keys with dots", () => {
  const { ev } = new EvaluationSession(new MemoryHost({}), memoryStore(), TEST_SETTINGS);
  const options = ev.evaluateText(
    `let
      host = { name = "submodule"; getSubOptions = _: { root = { _type = "option"; }; }; };
      hosts = { name = "attrsOf"; functor.wrapped = host; };
    in { services.web = { enable = { _type = "option"; }; hosts = { _type = "option"; type = hosts; }; }; }`,
    "options",
    "/",
  );
  const near = (name: string) => nearOptions(ev, { config: null, options }, name);
  expect(near("services.web.enabel")).toEqual(["services.web.enable"]);
  expect(near("servies.web.enable")).toEqual(["services"]);
  expect(near("services.web.hosts.a.rot")).toEqual(["services.web.hosts.a.root"]);
  expect(near("services.web.hosts.a.b.rot")).toEqual(["services.web.hosts.a.b.root"]);
  expect(near("services.web.elsewhere")).toEqual([]);
});
