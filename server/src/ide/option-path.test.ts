import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { optionPath } from "./option-path.ts";

function pathAt(source: string): string | null {
  const { host, id, offset } = analyze(source);
  const file = host.analysis().file(id);
  return (file && optionPath(file, offset)?.names.join(".")) ?? null;
}

test("the names of a module are options, as they are written", () => {
  const module = (body: string) => pathAt(`{ config, pkgs, ... }: { ${body} }`);
  expect(module("services.openssh.en$0able = true;")).toBe("services.openssh.enable");
  expect(module("services.open$0ssh.enable = true;")).toBe("services.openssh");
  expect(module("services = { openssh = { enable$0 = true; }; };")).toBe("services.openssh.enable");
  expect(module("config = { networking.host$0Name = x; };")).toBe("networking.hostName");
  expect(module("config.networking.host$0Name = x;")).toBe("networking.hostName");
});

test("other names are not", () => {
  expect(pathAt("{ config, pkgs, ... }: { imp$0orts = [ ]; }")).toBeNull();
  expect(pathAt("{ config, pkgs, ... }: { a.b = tr$0ue; }")).toBeNull();
  expect(pathAt("{ config, pkgs, ... }: { a = f { b$0 = 1; }; }")).toBeNull();
  expect(pathAt("{ a.b$0 = 1; }")).toBeNull();
});
