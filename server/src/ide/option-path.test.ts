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

test("in what says when and how strongly it is meant", () => {
  const module = (body: string) => pathAt(`{ config, lib, ... }: ${body}`);
  expect(module("{ config = lib.mkIf c { a.b$0 = 1; }; }")).toBe("a.b");
  expect(module("{ config = mkMerge [ { a.b$0 = 1; } (mkIf c { }) ]; }")).toBe("a.b");
  expect(module("{ config = mkMerge [ { } (mkIf c { a.b$0 = 1; }) ]; }")).toBe("a.b");
  expect(module("{ a = { b = 1; } // optionalAttrs c { d$0 = 1; }; }")).toBe("a.d");
  expect(module("with lib; let x = 1; in { a = let y = 1; in { b$0 = y; }; }")).toBe("a.b");
});

test("in submodules, and in lists and sets of them", () => {
  const module = (body: string) => pathAt(`{ config, lib, ... }: { ${body} }`);
  expect(module('a.hosts."x.y".ssl$0 = true;')).toBe("a.hosts.x.y.ssl");
  expect(module("a.hosts.${name}.ssl$0 = true;")).toBe("a.hosts..ssl");
  expect(module("a.hosts.${na$0me}.ssl = true;")).toBeNull();
  expect(module("a.list = [ { b = 1; } { c$0 = 1; } ];")).toBe("a.list..c");
  expect(module("a.host = { name, ... }: { ssl$0 = true; };")).toBe("a.host.ssl");
});

test("other names are not", () => {
  expect(pathAt("{ config, pkgs, ... }: { imp$0orts = [ ]; }")).toBeNull();
  expect(pathAt("{ config, pkgs, ... }: { a.b = tr$0ue; }")).toBeNull();
  expect(pathAt("{ config, pkgs, ... }: { a = f { b$0 = 1; }; }")).toBeNull();
  expect(pathAt("{ a.b$0 = 1; }")).toBeNull();
});
