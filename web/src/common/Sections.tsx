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

export function Sections({ sections, compact = false }: { sections: DocumentSection[]; compact?: boolean }) {
  const shown = sections.filter((section) => section.fields.some(filled));
  if (shown.length === 0) return <p className="muted">还没有登记内容。</p>;
  return (
    <div className={compact ? "facts" : "sections"}>
      {shown.map((section) => (
        <section key={section.path} aria-label={section.title}>
          <h3>
            {section.title}
            {!compact && (section.by || section.at) && (
              <span className="section-by">{[section.by, when(section.at)].filter(Boolean).join(" · ")}</span>
            )}
          </h3>
          <Fields section={section} compact={compact} />
          <Behind section={section} />
        </section>
      ))}
    </div>
  );
}
