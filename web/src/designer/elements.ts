/** Reading and writing what our engine reads of an element: zeebe extensions and properties, through the modeler's own commands. */
import type Modeler from "bpmn-js/lib/Modeler";

export interface Moddle {
  $type: string;
  id?: string;
  name?: string;
  $parent?: Moddle;
  extensionElements?: Moddle & { values?: Moddle[] };
  // moddle objects carry whatever their schema names
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  [key: string]: any;
}
export interface Shape {
  id: string;
  type: string;
  businessObject: Moddle;
}
interface Modeling {
  updateProperties(element: Shape, properties: Record<string, unknown>): void;
  updateModdleProperties(element: Shape, target: Moddle, properties: Record<string, unknown>): void;
}
interface Factory {
  create(type: string, properties: Record<string, unknown>): Moddle;
}
interface Registry {
  filter(keep: (element: Shape) => boolean): Shape[];
}

export const find = (of: Moddle | undefined, type: string): Moddle | undefined => of?.extensionElements?.values?.find((one) => one.$type === type);

export function property(of: Moddle | undefined, name: string): string | undefined {
  const listed: Moddle[] = find(of, "zeebe:Properties")?.properties ?? [];
  return listed.find((one) => one.name === name)?.value;
}

export class Hand {
  private readonly modeling: Modeling;
  private readonly factory: Factory;
  private readonly registry: Registry;

  constructor(modeler: Modeler) {
    this.modeling = modeler.get<Modeling>("modeling");
    this.factory = modeler.get<Factory>("bpmnFactory");
    this.registry = modeler.get<Registry>("elementRegistry");
  }

  rename(shape: Shape, name: string): void {
    this.modeling.updateProperties(shape, { name });
  }

  /** An extension element with these attributes; made if it is missing, taken away if `attributes` is null. */
  extension(shape: Shape, type: string, attributes: Record<string, unknown> | null): void {
    const of = shape.businessObject;
    const known = find(of, type);
    if (known && attributes) return this.modeling.updateModdleProperties(shape, known, attributes);
    if (!known && !attributes) return;
    const others = (of.extensionElements?.values ?? []).filter((one) => one !== known);
    const made = attributes ? [this.factory.create(type, attributes)] : [];
    this.values(shape, [...others, ...made]);
  }

  /** A zeebe property; an empty value takes it away. */
  property(shape: Shape, name: string, value: string | undefined): void {
    const of = shape.businessObject;
    const listed: Moddle[] = find(of, "zeebe:Properties")?.properties ?? [];
    const others = listed.filter((one) => one.name !== name);
    const made = value ? [this.factory.create("zeebe:Property", { name, value })] : [];
    const properties = [...others, ...made];
    this.extension(shape, "zeebe:Properties", properties.length > 0 ? { properties } : null);
  }

  private values(shape: Shape, values: Moddle[]): void {
    const of = shape.businessObject;
    if (of.extensionElements) this.modeling.updateModdleProperties(shape, of.extensionElements, { values });
    else this.modeling.updateModdleProperties(shape, of, { extensionElements: this.factory.create("bpmn:ExtensionElements", { values }) });
  }

  /** The lane a node lies in; inside a sub-process, none: there the node says its tier itself. */
  lane(shape: Shape): Moddle | undefined {
    return this.registry.filter((one) => one.type === "bpmn:Lane" && (one.businessObject.flowNodeRef ?? []).includes(shape.businessObject))[0]?.businessObject;
  }
}
