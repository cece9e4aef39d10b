declare module "bpmn-js-i18n-zh/lib/bpmn-js/index.js";
declare module "dmn-js/lib/Modeler" {
  interface Element {
    id?: string;
    name?: string;
    $type: string;
    // moddle objects carry whatever their schema names
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    [key: string]: any;
  }
  interface View {
    id: string;
    element: Element;
    type: string;
  }
  interface Viewer {
    get(name: string): { on(event: string, listener: () => void): void };
  }
  export default class Modeler {
    constructor(options: unknown);
    importXML(xml: string, options?: { open: boolean }): Promise<unknown>;
    saveXML(options: { format: boolean }): Promise<{ xml: string }>;
    getViews(): View[];
    getActiveView(): View | undefined;
    getActiveViewer(): Viewer | undefined;
    getDefinitions(): Element;
    open(view: View): Promise<unknown>;
    destroy(): void;
  }
}
declare module "dmn-js/lib/Viewer" {
  export { default } from "dmn-js/lib/Modeler";
}
declare module "dmn-js-decision-table/lib/features/hit-policy/HitPolicies" {
  export const HIT_POLICIES: { label: string; explanation: string }[];
}
