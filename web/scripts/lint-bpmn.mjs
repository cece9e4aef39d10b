/**
 * Camunda's own linter (rules of camunda-cloud 8.7) over every drawing of `processes/`, so that what we draw also opens and
 * deploys there. Run by `npm run lint:bpmn`; ends with 1 if anything is found.
 */
import { BpmnModdle } from "bpmn-moddle";
import Linter from "bpmnlint/lib/linter.js";
import NodeResolver from "bpmnlint/lib/resolver/node-resolver.js";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const moddle = new BpmnModdle({
  zeebe: require("zeebe-bpmn-moddle/resources/zeebe.json"),
  modeler: require("modeler-moddle/resources/modeler.json"),
});
const linter = new Linter({
  config: { extends: "plugin:camunda-compat/camunda-cloud-8-7" },
  resolver: new NodeResolver({ require }),
});

const files = globSync("../processes/*/*.bpmn").sort();
let bad = 0;
for (const file of files) {
  const { rootElement, warnings } = await moddle.fromXML(readFileSync(file, "utf8"));
  const found = Object.entries(await linter.lint(rootElement)).flatMap(([rule, reports]) =>
    reports.map((one) => `${rule} ${one.id}: ${one.message}`),
  );
  for (const line of [...found, ...warnings.map((one) => `import: ${one.message}`)]) {
    bad += 1;
    console.log(`${file}: ${line}`);
  }
}
console.log(`${files.length} drawings, ${bad} findings of Camunda's linter`);
process.exit(bad > 0 || files.length === 0 ? 1 : 0);
