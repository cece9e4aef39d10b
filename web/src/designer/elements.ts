/** Reading and writing what our engine reads of an element: zeebe extensions and properties, through the modeler's own commands. */
import type BaseViewer from "bpmn-js/lib/BaseViewer";

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
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Shape extends Box {
  id: string;
  type: string;
  parent?: Shape;
  children?: Shape[];
  labelTarget?: Shape;
  businessObject: Moddle;
}
interface Modeling {
  updateProperties(element: Shape, properties: Record<string, unknown>): void;
  updateModdleProperties(element: Shape, target: Moddle, properties: Record<string, unknown>): void;
  moveElements(shapes: Shape[], delta: { x: number; y: number }, target?: Shape): void;
}
interface Factory {
  create(type: string, properties: Record<string, unknown>): Moddle;
}
interface Registry {
  get(id: string): Shape | undefined;
  filter(keep: (element: Shape) => boolean): Shape[];
}

const APART = 20;

export const find = (of: Moddle | undefined, type: string): Moddle | undefined => of?.extensionElements?.values?.find((one) => one.$type === type);

export function property(of: Moddle | undefined, name: string): string | undefined {
  const listed: Moddle[] = find(of, "zeebe:Properties")?.properties ?? [];
  return listed.find((one) => one.name === name)?.value;
}

/** Where ways meet has no name, but what follows has. */
export function called(of: Moddle | undefined): string {
  if (!of || of.name) return of?.name ?? "";
  const next: Moddle | undefined = of.outgoing?.length === 1 ? of.outgoing[0].targetRef : undefined;
  return next?.name ? `${next.name}（前的汇合点）` : (of.id ?? "");
}

/** What people call an element; a flow is called after its ends. */
export function title(shape: Shape): string {
  const of = shape.businessObject;
  if (shape.type !== "bpmn:SequenceFlow") return of.name || (of.id ?? "");
  const ends = [of.sourceRef, of.targetRef].map(called).join("→");
  return `连线 ${ends}${of.name ? `（${of.name}）` : ""}`;
}

const overlaps = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width + APART && b.x < a.x + a.width + APART && a.y < b.y + b.height + APART && b.y < a.y + a.height + APART;

/** Every change is one command: it can be undone with Ctrl+Z. */
export class Hand {
  private readonly modeling: Modeling | null;
  private readonly factory: Factory | null;
  private readonly registry: Registry;

  /** On a viewer there is nothing to write with; then only the reading methods may be called. */
  constructor(modeler: BaseViewer) {
    this.modeling = modeler.get<Modeling | null>("modeling", false);
    this.factory = modeler.get<Factory | null>("bpmnFactory", false);
    this.registry = modeler.get<Registry>("elementRegistry");
  }

  update(shape: Shape, properties: Record<string, unknown>): void {
    this.modeling?.updateProperties(shape, properties);
  }

  moddle(shape: Shape, target: Moddle, properties: Record<string, unknown>): void {
    this.modeling?.updateModdleProperties(shape, target, properties);
  }

  private make(type: string, properties: Record<string, unknown>): Moddle | undefined {
    return this.factory?.create(type, properties);
  }

  /** An extension element with these attributes; made if it is missing, taken away if `attributes` is null. */
  extension(shape: Shape, type: string, attributes: Record<string, unknown> | null): void {
    const of = shape.businessObject;
    const known = find(of, type);
    if (known && attributes) return this.modeling?.updateModdleProperties(shape, known, attributes);
    if (!known && !attributes) return;
    const others = (of.extensionElements?.values ?? []).filter((one) => one !== known);
    this.values(shape, [...others, ...(attributes ? [this.make(type, attributes)] : [])]);
  }

  /** Zeebe properties; an empty value takes one away. */
  properties(shape: Shape, changes: Record<string, string | undefined>): void {
    const listed: Moddle[] = find(shape.businessObject, "zeebe:Properties")?.properties ?? [];
    const others = listed.filter((one) => !((one.name ?? "") in changes));
    const made = Object.entries(changes).filter(([, value]) => value).map(([name, value]) => this.make("zeebe:Property", { name, value }));
    const properties = [...others, ...made];
    this.extension(shape, "zeebe:Properties", properties.length > 0 ? { properties } : null);
  }

  private values(shape: Shape, values: (Moddle | undefined)[]): void {
    const of = shape.businessObject;
    if (of.extensionElements) this.modeling?.updateModdleProperties(shape, of.extensionElements, { values });
    else this.modeling?.updateModdleProperties(shape, of, { extensionElements: this.make("bpmn:ExtensionElements", { values }) });
  }

  documentation(shape: Shape, text: string): void {
    this.update(shape, { documentation: text.trim() ? [this.make("bpmn:Documentation", { text: text.trim() })] : [] });
  }

  condition(flow: Shape, body: string | undefined): void {
    this.update(flow, { conditionExpression: body ? this.make("bpmn:FormalExpression", { body }) : undefined });
  }

  /** Make a flow the way out when no condition holds, or no longer. A default flow has no condition. */
  makeDefault(flow: Shape, on: boolean): void {
    const source = this.registry.get(flow.businessObject.sourceRef?.id ?? "");
    if (source) this.update(source, { default: on ? flow.businessObject : undefined });
    if (on && flow.businessObject.conditionExpression) this.condition(flow, undefined);
  }

  /** The lane that stands for a node: its own, inside a sub-process that of the sub-process. */
  lane(shape: Shape): Moddle | undefined {
    const lanes = this.lanes();
    for (let at: Moddle | undefined = shape.businessObject; at; at = at.$parent) {
      const found = lanes.find((lane) => (lane.businessObject.flowNodeRef ?? []).includes(at));
      if (found) return found.businessObject;
    }
    return undefined;
  }

  /** Does a lane name this very node (not only the sub-process around it)? */
  laned(shape: Shape): boolean {
    return this.lanes().some((lane) => (lane.businessObject.flowNodeRef ?? []).includes(shape.businessObject));
  }

  lanes(): Shape[] {
    return this.registry.filter((one) => one.type === "bpmn:Lane");
  }

  /** May a node change lanes by itself? Inside a sub-process it goes with that. */
  moves(shape: Shape): boolean {
    return shape.parent?.type === "bpmn:Participant" || shape.parent?.type === "bpmn:Lane";
  }

  /** Like dragging it there: straight up or down, aside when the place is taken. */
  moveTo(shape: Shape, laneId: string): void {
    const lane = this.registry.get(laneId);
    if (!lane) return;
    const y = Math.round(lane.y + lane.height / 2 - shape.height / 2);
    const taken = this.registry.filter(
      (one) => one.parent === shape.parent && one !== shape && one.width !== undefined && one.type !== "bpmn:Lane" && !one.labelTarget,
    );
    const least = lane.x + 40;
    const most = lane.x + lane.width - shape.width - APART;
    const aside = [...Array(80).keys()].map((n) => shape.x + (n % 2 ? -1 : 1) * Math.ceil(n / 2) * APART).filter((x) => x >= least && x <= most);
    const x = aside.find((at) => !taken.some((one) => overlaps({ ...shape, x: at, y, width: shape.width, height: shape.height }, one))) ?? shape.x;
    this.modeling?.moveElements([shape], { x: x - shape.x, y: y - shape.y }, shape.parent);
  }

  get(id: string): Shape | undefined {
    return this.registry.get(id);
  }

  /** Elements with a name, as people look for them, tasks first. */
  named(keep: (shape: Shape) => boolean = () => true): { value: string; label: string }[] {
    const found = this.registry.filter((one) => (Boolean(one.businessObject?.name) || one.type === "bpmn:SequenceFlow") && !one.labelTarget && !/Participant|Lane|MessageFlow|Process/.test(one.type) && keep(one));
    return found.map((one) => ({ value: one.id, label: title(one) }));
  }
}
