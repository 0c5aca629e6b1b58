import fc from "fast-check";
import { expect, test } from "vitest";
import { formatText, smallestEdit } from "./formatting.ts";

test("the smallest edit leads from one text to the other and cuts no character", () => {
  const texts = fc.string({ unit: fc.constantFrom("a", "\r\n", "\n", "😀", "😁"), maxLength: 8 });
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const edit = smallestEdit(before, after);
      if (!edit) {
        expect(before).toBe(after);
        return;
      }
      expect(before.slice(0, edit.start) + edit.text + before.slice(edit.end)).toBe(after);
      expect(encodeURIComponent(edit.text)).toBeDefined();
      expect(/^\n/.test(before.slice(edit.end)) && /\r$/.test(before.slice(0, edit.end))).toBe(
        false,
      );
    }),
  );
});

test("only what differs", () => {
  expect(smallestEdit("{a=1;}", "{a = 1;}")).toEqual({ start: 2, end: 3, text: " = " });
  expect(smallestEdit("a", "a")).toBeNull();
});

const run =
  (exitCode: number | null, stdout: string, stderr = "") =>
  async () => ({ exitCode, stdout, stderr });

test("a formatter that fails says why", async () => {
  const format = (result: ReturnType<typeof run>) => formatText("x", ["fmt"], null, result);
  expect(await format(run(0, "y"))).toEqual({ ok: true, text: "y" });
  expect(await format(run(1, "", "bad\nmore"))).toEqual({ ok: false, reason: "fmt: bad" });
  expect(await format(run(2, ""))).toEqual({ ok: false, reason: "fmt failed (2)" });
  expect(await format(run(0, ""))).toEqual({ ok: false, reason: "fmt printed nothing" });
  expect(await format(run(null, ""))).toMatchObject({ ok: false });
  const missing = () => Promise.reject(new Error("spawn fmt ENOENT"));
  expect(await formatText("x", ["fmt"], null, missing)).toEqual({
    ok: false,
    reason: "spawn fmt ENOENT",
  });
});
