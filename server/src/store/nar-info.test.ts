import { expect, test } from "vitest";
import { nodeHasher } from "../host/node-hash.ts";
import { parseNarInfo, printNarInfo } from "./nar-info.ts";
import { fingerprint } from "./path-info.ts";

const context = { storeDir: "/nix/store", hasher: nodeHasher };

const TEXT = `StorePath: /nix/store/0c8vzgfd5ga9ip67q8r8v8rphvr9ngqx-hello-2.12
URL: nar/1w1fff338fvdw53sqgamddn1b2xgds473pv6y13gizdbqjv4i5p3.nar.xz
Compression: xz
FileHash: sha256:1w1fff338fvdw53sqgamddn1b2xgds473pv6y13gizdbqjv4i5p3
FileSize: 41240
NarHash: sha256:0wgjg3qw8f6qdlxr7ahdl0lhqnpb5v5lg6cgngrr3xmcgb8mjcbm
NarSize: 206104
References: 0c8vzgfd5ga9ip67q8r8v8rphvr9ngqx-hello-2.12 3n58xw4373jp0ljirf06d8077j15pc4j-glibc-2.37
Deriver: 3vkmrmgxxhzvq11k7p1yq8xwqmvmz9f2-hello-2.12.drv
Sig: cache-1:AAAA
Sig: cache-2:BBBB
CA: fixed:r:sha256:0wgjg3qw8f6qdlxr7ahdl0lhqnpb5v5lg6cgngrr3xmcgb8mjcbm
`;

const read = (text: string) => parseNarInfo(context, text);

test("what is read is written again the same", () => {
  expect(printNarInfo(context, read(TEXT))).toBe(TEXT);
});

test("the fingerprint is what Nix signs", () => {
  expect(fingerprint(read(TEXT))).toBe(
    "1;/nix/store/0c8vzgfd5ga9ip67q8r8v8rphvr9ngqx-hello-2.12;sha256:0wgjg3qw8f6qdlxr7ahdl0lhqnpb5v5lg6cgngrr3xmcgb8mjcbm;206104;/nix/store/0c8vzgfd5ga9ip67q8r8v8rphvr9ngqx-hello-2.12,/nix/store/3n58xw4373jp0ljirf06d8077j15pc4j-glibc-2.37",
  );
});

test("fields that are not known are no error, as caches may say more", () => {
  expect(read(`${TEXT}Future: yes\n`)).toEqual(read(TEXT));
});

const BAD: [string, RegExp | string, string, RegExp][] = [
  ["a missing field", /NarSize.*\n/, "", /'NarSize' is missing/],
  ["a field twice", "NarSize", "NarSize: 1\nNarSize", /'NarSize' comes twice/],
  ["no size", "206104", "2e5", /'NarSize' is not a size/],
  ["a size of nothing", "206104", "0", /'NarSize' is 0/],
  ["a huge size", "206104", "9223372036854775808", /'NarSize' is not a size/],
  ["another hash", /NarHash: .*/, "NarHash: md5:d41d8cd98f00b204e9800998ecf8427e", /not a SHA-256/],
  ["a short hash", /NarHash: .*/, "NarHash: sha256:1w1f", /wrong length/],
  ["a path elsewhere", "/nix/store", "/etc/store", /is not in the Nix store/],
  ["a reference outside", "3n58xw", "../3n58xw", /can't name a store path|illegal/],
  ["an address above", "URL: nar", "URL: ../nar", /'URL' does not stay in the cache/],
  ["an absolute address", "URL: nar", "URL: /nar", /'URL' does not stay in the cache/],
  ["another host", "URL: nar", "URL: https://example.org/nar", /'URL' does not stay in the cache/],
  ["a control character", "Compression: xz", "Compression: x\rz", /control character/],
  ["no fields", /^.*$/s, "<html>\n", /not 'Name: value'/],
];

test.each(BAD)("%s is refused", (_, from, to, message) => {
  expect(() => read(TEXT.replace(from, to))).toThrow(message);
});
