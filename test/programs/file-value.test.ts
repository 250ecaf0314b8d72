import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { attachmentOf } from "#programs";

describe("an image or a file becomes an attachment", () => {
  test.each<[what: string, kind: "image" | "file", value: unknown, attachment: object]>([
    ["a URL", "image", "https://a.example/x.PNG?s=1", { mediaType: "image/png", url: "https://a.example/x.PNG?s=1" }],
    [
      "a URL without an ending",
      "image",
      { url: "https://a.example/x" },
      { mediaType: "image/*", url: "https://a.example/x" },
    ],
    [
      "a URL of a file",
      "file",
      "http://a.example/x.pdf",
      { mediaType: "application/pdf", url: "http://a.example/x.pdf" },
    ],
    [
      "a URL of anything",
      "file",
      "http://a.example/",
      { mediaType: "application/octet-stream", url: "http://a.example/" },
    ],
    [
      "a URL with its media type",
      "image",
      { url: "https://a.example/x", mediaType: "image/webp" },
      { mediaType: "image/webp", url: "https://a.example/x" },
    ],
    ["a data URL", "image", "data:image/gif;base64,R0lGODlh", { mediaType: "image/gif", data: "R0lGODlh" }],
    [
      "a data URL with parameters",
      "file",
      "data:text/plain;charset=utf-8;base64,aGk=",
      { mediaType: "text/plain", data: "aGk=" },
    ],
    [
      "bytes with a name",
      "file",
      { data: "aGk=", mediaType: "text/plain", filename: "hi.txt" },
      { mediaType: "text/plain", data: "aGk=", filename: "hi.txt" },
    ],
  ])("%s", (_, kind, value, attachment) => {
    expect(attachmentOf(kind, value)).toEqual({ kind, ...attachment });
  });

  test.each<[what: string, value: unknown, came: string]>([
    ["a path of this machine", "/etc/passwd", '"/etc/passwd", no http(s) URL'],
    ["a file URL", { url: "file:///etc/passwd" }, '"file:///etc/passwd", no http(s) URL'],
    ["a data URL without base64", "data:text/plain,hi", '"data:text/plain,hi"'],
    ["both forms at once", { url: "https://a.example", data: "aGk=" }, "not exactly one of url and data"],
    ["neither", {}, "not exactly one of url and data"],
    ["bytes of an unknown kind", { data: "aGk=" }, "data without mediaType"],
    ["no base64", { data: "a b!", mediaType: "text/plain" }, "data that is no base64"],
    ["cut base64", { data: "aGk", mediaType: "text/plain" }, "data that is no base64"],
    ["no media type", { data: "aGk=", mediaType: "text" }, '"text"'],
    ["a further key", { url: "https://a.example", headers: {} }, "the unknown key headers"],
    ["a number", 5, "5"],
    ["nothing", undefined, "nothing"],
    ["an endless URL", `https://a.example/${"a".repeat(9000)}`, "a URL of 9018 characters (at most 8192)"],
    [
      "too many bytes",
      { data: "A".repeat(28_000_000), mediaType: "image/png" },
      "21000000 bytes (at most 20971520; pass a URL instead)",
    ],
  ])("and not %s", (_, value, came) => {
    const message = `image: expected a URL, a data URL, { url } or { data, mediaType }, got ${came}`;
    expect(() => attachmentOf("image", value)).toThrow(new UsageError(message));
  });
});
