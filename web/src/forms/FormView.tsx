/** A form-js form as people here fill it: labels above, errors beside, tables as cards on a phone. */
import { createContext, memo, useContext, useMemo } from "react";
import type { Value } from "../api/types";
import type { Errors } from "./check";
import { markOf, type Hidden } from "./conditions";
import { Field } from "./Field";
import { TableField } from "./fields/TableField";
import { getIn, isCarried, keyOf, kindOf, labelOf, pathText, setIn, type Component, type FormSchema, type Path, type Values } from "./model";
import "./forms.css";

interface Scope {
  errors: Errors;
  hidden: Hidden;
  disabled: boolean;
  change: (path: Path, value: Value) => void;
}

const ScopeContext = createContext<Scope | null>(null);

export function useScope(): Scope {
  const scope = useContext(ScopeContext);
  if (!scope) throw new Error("useScope outside FormView");
  return scope;
}

interface Props {
  schema: FormSchema;
  values: Values;
  errors: Errors;
  hidden: Hidden;
  onChange: (update: (values: Values) => Values, path: string) => void;
  disabled?: boolean;
}

export function FormView({ schema, values, errors, hidden, onChange, disabled = false }: Props) {
  const scope = useMemo<Scope>(
    () => ({
      errors,
      hidden,
      disabled,
      change: (path, value) => onChange((before) => setIn(before, path, value), pathText(path)),
    }),
    [errors, hidden, disabled, onChange],
  );
  return (
    <ScopeContext value={scope}>
      <div className="form-grid">
        <Components components={schema.components} values={values} base={[]} />
      </div>
    </ScopeContext>
  );
}

interface ListProps {
  components: Component[];
  /** The whole form's values. */
  values: Values;
  base: Path;
}

export function Components({ components, values, base }: ListProps) {
  const { hidden } = useScope();
  return (
    <>
      {components.map((component, index) => {
        const mark = markOf(component, base);
        if (hidden.hidden.has(mark)) return null;
        return <One key={`${mark}/${index}`} component={component} values={values} base={base} />;
      })}
    </>
  );
}

const One = memo(function One({ component, values, base }: { component: Component; values: Values; base: Path }) {
  const scope = useScope();
  const kind = kindOf(component);
  const key = keyOf(component);
  if (kind === "note") return component.text ? <NoteText text={component.text} /> : null;
  if (kind === "group") {
    return (
      <fieldset className="form-group">
        {labelOf(component) && <legend>{labelOf(component)}</legend>}
        <div className="form-grid">
          <Components components={component.components ?? []} values={values} base={key ? [...base, key] : base} />
        </div>
      </fieldset>
    );
  }
  if (!key || isCarried(component)) return null;
  const path = [...base, key];
  if (kind === "table") return <TableField component={component} path={path} values={values} />;
  return (
    <Field
      component={component}
      kind={kind}
      path={path}
      value={getIn(values, path)}
      error={scope.errors[pathText(path)]}
      disabled={scope.disabled || Boolean(component.disabled || component.readonly)}
      uncertain={scope.hidden.uncertain.has(pathText(path))}
      onChange={(value) => scope.change(path, value)}
    />
  );
});

/** The text component's Markdown, reduced to paragraphs, headings and emphasis: our forms use no more. */
function NoteText({ text }: { text: string }) {
  return (
    <div className="form-note">
      {text.split(/\n+/).filter(Boolean).map((line, index) => {
        const heading = /^#+\s*(.*)$/.exec(line);
        const plain = (heading?.[1] ?? line).replace(/^[-*]\s+/, "· ").split(/\*\*(.+?)\*\*/);
        const content = plain.map((part, at) => (at % 2 ? <strong key={at}>{part}</strong> : part));
        return heading ? <h3 key={index}>{content}</h3> : <p key={index}>{content}</p>;
      })}
    </div>
  );
}
