import { expect, test } from "vitest";
import { parseNix } from "../syntax/parser.ts";
import { fileRole, requiredArguments } from "./file-role.ts";

function parsed(source: string) {
  const { expr } = parseNix(source, { fileName: "" });
  if (!expr) throw new Error(`does not parse: ${source}`);
  return expr;
}
const role = (source: string, path = "/w/x.nix") => fileRole(parsed(source), path);

test("values, and functions that need nothing", () => {
  expect(role("1 + 1")).toBe("expression");
  expect(role("{ pkgs ? import <nixpkgs> { } }: pkgs.mkShell { }")).toBe("expression");
  expect(role("let a = 1; in { b = a; }")).toBe("expression");
  expect(role("{ outputs = x: x; }", "/w/flake.nix")).toBe("flake");
});

test("packages", () => {
  expect(role("{ stdenv, fetchurl }: stdenv.mkDerivation { }")).toBe("package");
  expect(role("{ lib, stdenv, ... }: stdenv.mkDerivation { }")).toBe("package");
  expect(role("pkgs: { a = pkgs.hello; }")).toBe("package");
  expect(requiredArguments(parsed("{ a, b ? 1, c }: a"))).toEqual(["a", "c"]);
});

test("overlays, also those that are written wrong", () => {
  expect(role("final: prev: { }")).toBe("overlay");
  expect(role("_self: super: let a = 1; in { inherit a; }")).toBe("overlay");
  expect(role("_: prev: { }")).toBe("overlay");
  expect(role("final: previous: { }")).toBe("overlay");
  expect(role("{ self, super }: { }")).toBe("overlay");
});

test("modules", () => {
  expect(role("{ config, pkgs, ... }: { }")).toBe("module");
  expect(role("{ pkgs, ... }: { environment.a = 1; services.b = 2; }")).toBe("module");
  expect(role("{ boot.a = 1; }", "/etc/nixos/hardware-configuration.nix")).toBe("module");
  expect(role("{ services.a = 1; imports = [ ]; }")).toBe("module");
  expect(role("{ perSystem = { pkgs, ... }: { }; }")).toBe("module");
  expect(role("{ inputs, ... }: { perSystem = { pkgs, ... }: { }; other = 1; }")).toBe("module");
  expect(role("{ pkgs, ... }: { services.a = 1; assertions = [ ]; warnings = [ ]; }")).toBe(
    "module",
  );
  expect(role("{ pkgs, ... }: { environment.systemPackages = [ ]; }")).toBe("module");
  expect(role("{ pkgs, ... }: { services.a = 1; b = 2; c = 3; }")).toBe("package");
  expect(role("{ pkgs, ... }: { nix = pkgs.nix; }")).toBe("package");
  expect(role("{ system = 1; }")).toBe("expression");
  expect(role("{ meta = 1; location = 2; }")).toBe("expression");
});

test("modules of home-manager", () => {
  expect(role("{ config, pkgs, ... }: { home.packages = [ ]; }")).toBe("home");
  expect(role("{ pkgs, config, ... }: { programs.git.enable = true; }", "/w/home.nix")).toBe(
    "home",
  );
  expect(role("{ config, ... }: { options = { }; config = { home.x = 1; }; }")).toBe("home");
  expect(role("{ config, ... }: { users.users.home = { }; }")).toBe("module");
});

test("networks of machines", () => {
  expect(role('{ network.description = "n"; web = { pkgs, ... }: { }; }')).toBe("network");
  expect(role("{ web = { config, ... }: { deployment.targetHost = 1; }; }")).toBe("network");
  expect(role("{ n ? 1 }: { web = { deployment = { }; }; }")).toBe("network");
  expect(role("{ network = { }; a = 1; }")).toBe("expression");
  expect(role("{ web = { config, ... }: { }; }")).toBe("expression");
});

test("libraries", () => {
  expect(role("x: x")).toBe("library");
  expect(role("a: b: { }")).toBe("library");
});
