import { expect, test } from "vitest";

test("the tests run on Node 24 or newer", () => {
  const [major] = process.versions.node.split(".").map(Number);
  expect(
    major,
    `this is Node ${process.versions.node}: node_modules/node did not install its binary. Its install script must be allowed ("allowScripts": { "node": true } in package.json, npm 12), then run npm ci again`,
  ).toBeGreaterThanOrEqual(24);
});
