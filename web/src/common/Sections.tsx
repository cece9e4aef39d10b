/** What the case holds, section by section; empty fields are not shown, masked ones say so. */
import { EyeInvisibleOutlined } from "@ant-design/icons";
import type { DocumentSection, SectionField } from "../api/types";
import { isDrawn } from "../forms/fields/SignatureControl";
import { Preview } from "../forms/fields/PhotoControl";
import { when } from "./time";
import "./sections.css";

const isFiles = (field: SectionField): boolean =>
  Array.isArray(field.value) && field.value.length > 0 && /photo|file|image|proof|material|paper|sheet/.test(field.key) && field.value.every((one) => typeof one === "string");

/** What stands for an answer that is left out as a whole. */
const HIDDEN = "（已隐藏）";

function Table({ field }: { field: SectionField }) {
  return (
    <div className="section-table-scroll" tabIndex={0} role="region" aria-label={field.label}>
      <table className="section-table">
        <thead><tr>{field.columns?.map((column) => <th key={column} scope="col">{column}</th>)}</tr></thead>
        <tbody>{field.rows?.map((row, at) => <tr key={at}>{row.map((cell, column) => <td key={column}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

function Shown({ field, compact }: { field: SectionField; compact: boolean }) {
  if (field.rows?.length) {
    if (!compact) return <Table field={field} />;
    return <details><summary>{field.text}</summary><Table field={field} /></details>;
  }
  if (isDrawn(field.value)) return <img className="signature-shown" src={field.value} alt={`${field.label}（手写）`} />;
  if (isFiles(field)) {
    return (
      <span className="row">
        {(field.value as string[]).map((id, index) => <Preview key={id} id={id} label={`${field.label} ${index + 1}`} />)}
      </span>
    );
  }
  if (field.masked) {
    return (
      <span title="依规定遮蔽，仅向有权限的经办人显示">
        {field.text} <EyeInvisibleOutlined aria-hidden /> {field.text !== HIDDEN && <span className="masked-word">已遮蔽</span>}
      </span>
    );
  }
  return <>{field.text}</>;
}

const filled = (field: SectionField): boolean => field.text !== "" && field.text !== null && field.text !== undefined;

/** What a step is about – the month's figures, the quarter's villages – open to read, with the page behind them. */
export function Figures({ sections }: { sections: DocumentSection[] }) {
  return (
    <>
      {sections.filter((section) => section.fields.some(filled)).map((section) => (
        <section key={section.path} aria-label={section.title} className="figures">
          <h2>{section.title}</h2>
          <Fields section={section} compact={false} />
          <Behind section={section} />
        </section>
      ))}
    </>
  );
}

function Behind({ section }: { section: DocumentSection }) {
  return section.link ? <p className="section-link"><a href={`#${section.link}`}>{section.link_text}</a></p> : null;
}

function Fields({ section, compact }: { section: DocumentSection; compact: boolean }) {
  return (
    <dl>
      {section.fields.filter(filled).map((field) => (
        <div key={field.key} className={field.rows?.length ? "section-wide" : undefined}>
          <dt>{field.label}</dt>
          <dd><Shown field={field} compact={compact} /></dd>
        </div>
      ))}
    </dl>
  );
}

/** Beside a form: what was entered last stands open above, what lies before it is folded to its title. */
export function Facts({ sections }: { sections: DocumentSection[] }) {
  const shown = sections.filter((section) => section.fields.some(filled)).sort((one, other) => (other.at ?? "").localeCompare(one.at ?? ""));
  if (shown.length === 0) return <Nothing />;
  return (
    <div className="known">
      {shown.map((section, index) => (
        <details key={section.path} open={index < OPEN}>
          <summary>{section.title} <span className="section-by">{when(section.at)}</span></summary>
          <Fields section={section} compact />
          <Behind section={section} />
        </details>
      ))}
    </div>
  );
}

const OPEN = 2;

function Nothing() {
  return <p className="muted">还没有登记内容。</p>;
}

export function Sections({ sections }: { sections: DocumentSection[] }) {
  const shown = sections.filter((section) => section.fields.some(filled));
  if (shown.length === 0) return <Nothing />;
  return (
    <div className="sections">
      {shown.map((section) => (
        <section key={section.path} aria-label={section.title}>
          <h3>
            {section.title}
            {(section.by || section.at) && (
              <span className="section-by">{[section.by, when(section.at)].filter(Boolean).join(" · ")}</span>
            )}
          </h3>
          <Fields section={section} compact={false} />
          <Behind section={section} />
        </section>
      ))}
    </div>
  );
}
