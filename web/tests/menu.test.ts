/** Every page stands under exactly one heading of the side menu. */
import { expect, test } from "vitest";
import { GROUPS, PAGES } from "../src/app/menu";

test("every page stands under one heading", () => {
  const placed = GROUPS.flatMap((group) => group.keys).sort();
  expect(placed).toEqual([...PAGES.map((page) => page.key), "designer"].sort());
});
