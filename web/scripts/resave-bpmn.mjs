/**
 * Opens every drawing of `processes/` as Camunda's modeler does and saves it again to the folder given: same model, its own
 * order of attributes, namespaces and line ends. `tests/lint/test_resaved.py` holds that what comes out is read as before.
 */
import { BpmnModdle } from "bpmn-moddle";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const moddle = new BpmnModdle({
  zeebe: require("zeebe-bpmn-moddle/resources/zeebe.json"),
  modeler: require("modeler-moddle/resources/modeler.json"),
});
const [out] = process.argv.slice(2);
for (const file of globSync("processes/*/*.bpmn", { cwd: ".." }).sort()) {
  const { rootElement } = await moddle.fromXML(readFileSync(join("..", file), "utf8"));
  const { xml } = await moddle.toXML(rootElement, { format: false });
  const target = join(out, file);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, xml);
}
