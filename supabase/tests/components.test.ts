// Components of Vue and Svelte over HTTP, from a real push: their scripts and their markup take part in
// imports, uses and positions as any module does.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Body, IndexedRepository } from "./support/indexed_repository.ts";

const app = `<script setup lang="ts">
import LineRow from "@/LineRow.vue";
import { cart } from "./cart";

function remove(id: number) {
  cart.remove(id);
}
function forgotten() {}
</script>

<template>
  <line-row v-for="line in cart.lines" :key="line.id" @click="remove(line.id)"/>
</template>
`;
const files: Readonly<Record<string, string>> = {
  // As the templates of Vue and Vite have them.
  "tsconfig.json":
    '{"files": [], "references": [{"path": "./tsconfig.node.json"}, {"path": "./tsconfig.app.json"}]}\n',
  "tsconfig.node.json": '{"compilerOptions": {"types": ["node"]}}\n',
  "tsconfig.app.json": '{"compilerOptions": {"paths": {"@/*": ["src/*"]}}}\n',
  "src/cart.ts":
    "export const cart = { lines: [], remove(id: number) {} };\nexport function checkout() {}\n",
  "src/App.vue": app,
  "src/LineRow.vue":
    '<script>\nexport default { methods: { paint() {} } }\n</script>\n<template><p @click="paint"/></template>\n',
  "src/Page.svelte":
    '<script>\n  import { checkout } from "./cart";\n  import Price from "./Price.svelte";\n</script>\n' +
    "<button on:click={checkout}>Pay</button> <Price amount={1}/>\n",
  "src/Price.svelte": "<script>\n  export let amount;\n  export let currency;\n</script>\n",
  "src/main.ts": 'import App from "./App.vue";\nApp.mount();\n',
};

let indexed: IndexedRepository;
beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/components", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

function edges(body: Body): string[] {
  return (body["edges"] as { from: string; to: string }[]).map(({ from, to }) => `${from} > ${to}`);
}

test("what a component imports leads to files, other components among them", async () => {
  const body = await indexed.get("dependencies", { path: "src/App.vue" });
  expect(edges(body).toSorted()).toEqual([
    "src/App.vue > src/LineRow.vue",
    "src/App.vue > src/cart.ts",
  ]);
  expect(body).toMatchObject({ unresolved: [], complete: true });
});

test.each([
  ["src/cart.ts", ["src/App.vue > src/cart.ts", "src/Page.svelte > src/cart.ts"]],
  ["src/LineRow.vue", ["src/App.vue > src/LineRow.vue"]],
  ["src/App.vue", ["src/main.ts > src/App.vue"]],
])("who imports %s is known, components among them", async (path, expected) => {
  expect(edges(await indexed.get("dependents", { path })).toSorted()).toEqual(expected);
});

describe("the markup of a component uses what its script", () => {
  test.each([
    ["defines", "remove", "src/App.vue", 12],
    ["has among its options", "paint", "src/LineRow.vue", 4],
    ["imports", "checkout", "src/Page.svelte", 5],
    ["imports as a component", "LineRow", "src/App.vue", 12],
  ])("%s", async (_, name, path, line) => {
    const body = await indexed.get("references", { name });
    expect(body["references"]).toContainEqual(expect.objectContaining({ path, line }));
  });
});

test("a name in the markup leads to its definition in the script", async () => {
  const column = String(app.split("\n")[11]!.indexOf("remove") + 1);
  const body = await indexed.get("definitions/at", { path: "src/App.vue", line: "12", column });
  expect(body["definitions"]).toEqual([
    expect.objectContaining({ name: "remove", path: "src/App.vue", line: 5 }),
    expect.objectContaining({ name: "remove", path: "src/cart.ts", line: 1 }),
  ]);
});

test.each([
  ["src/App.vue", ["forgotten"]],
  ["src/Price.svelte", ["currency"]],
])("what the markup of any component uses is not unused in %s", async (prefix, unused) => {
  const { definitions } = await indexed.get("unused", { prefix });
  expect((definitions as { name: string }[]).map(({ name }) => name)).toEqual(unused);
});
