import { expect, test } from "vitest";
import { xmlEscape } from "./xml-escape.ts";

test("markup and line feeds are escaped, other bytes are not", () => {
  expect(xmlEscape("a\"b'<c>&\n\r\t\x01\xe9")).toBe("a&quot;b'&lt;c&gt;&amp;&#xA;\r\t\x01\xe9");
});
