import { expect, test } from "vitest";
import { idOfUri, pathOfUri, uriOfId } from "./uri.ts";

test("files are known by their path, others by their URI", () => {
  expect(pathOfUri("file:///a%20b/%C3%A4.nix")).toBe("/a b/ä.nix");
  expect(pathOfUri("FILE://localhost/a.nix")).toBe("/a.nix");
  expect(pathOfUri("file:///50%.nix")).toBe("/50%.nix");
  expect(pathOfUri("untitled:Untitled-1")).toBeNull();
  expect(idOfUri("untitled:Untitled-1")).toBe("untitled:Untitled-1");
});

test("the way back", () => {
  for (const path of ["/a b/ä.nix", "/x#y?z.nix", "/50%/(1)/a'b.nix", "/c:/d.nix"]) {
    expect(pathOfUri(uriOfId(path))).toBe(path);
  }
  expect(uriOfId("/a b.nix")).toBe("file:///a%20b.nix");
  expect(uriOfId("untitled:Untitled-1")).toBe("untitled:Untitled-1");
});
