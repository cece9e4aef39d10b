/** A plain, semantic table: the first column names the row, the caption names the table. */
import type { ReactNode } from "react";
import "./table.css";

export interface Column<T> {
  key: string;
  label: string;
  render: (row: T) => ReactNode;
  align?: "right";
  width?: number | string;
}

interface Props<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  rowClass?: (row: T) => string;
  /** On a telephone each row is a card, its columns one below the other: for tables whose last columns matter. */
  stacked?: boolean;
}

export function DataTable<T>({ caption, columns, rows, rowKey, rowClass, stacked = false }: Props<T>) {
  return (
    <div className={stacked ? "table-scroll table-stacked" : "table-scroll"} role="region" aria-label={caption} tabIndex={0}>
      <table className="data-table" role="table">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" style={{ width: column.width, textAlign: column.align }}>{column.label}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className={rowClass?.(row)} role="row">
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.key} scope="row" role="rowheader" data-label={column.label}>{column.render(row)}</th>
                ) : (
                  <td key={column.key} role="cell" data-label={column.label} className={column.align === "right" ? "num right" : undefined}>{column.render(row)}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
