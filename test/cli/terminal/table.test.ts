import { styleText } from "node:util";
import { expect, test } from "vitest";
import { table } from "../../../src/cli/terminal/table.ts";

test("columns are as wide as their widest cell, styled or not", () => {
  const bold = styleText("bold", "x", { validateStream: false });
  expect(
    table(
      [{ title: "NAME" }, { title: "N", align: "right" }],
      [
        [bold, "10"],
        ["longer", "5"],
      ],
    ),
  ).toEqual(["NAME     N", `${bold}       10`, "longer   5"]);
});
