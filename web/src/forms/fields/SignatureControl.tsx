/** Signature: drawn with finger or mouse, or the signer's name typed. The value is a picture or the name. */
import { Button, Input } from "antd";
import { useEffect, useRef, useState, type PointerEvent } from "react";
import { useMe } from "../../app/session";
import { useWide } from "../../app/useWide";
import type { ControlProps } from "../Field";

export const isDrawn = (value: unknown): value is string => typeof value === "string" && value.startsWith("data:image/");

export function SignatureControl(props: ControlProps) {
  const { id, component, value, onChange, disabled, describedBy, invalid } = props;
  const me = useMe();
  const wide = useWide();
  const [drawing, setDrawing] = useState(() => isDrawn(value) || (!value && !wide));
  // A stored drawing is shown; a new one stays on its pad, for a signature has more than one stroke.
  const [pad, setPad] = useState(() => (isDrawn(value) ? 0 : 1));
  if (disabled) return isDrawn(value) ? <img className="signature-shown" src={value} alt="手写签名" /> : <span>{value || "未签名"}</span>;
  const change = () => {
    onChange(null);
    setDrawing((now) => !now);
    setPad((count) => count + 1);
  };
  return (
    <div className="signature">
      {drawing && pad === 0 && <img className="signature-shown" src={value} alt="手写签名" />}
      {drawing && pad > 0 && <Pad key={pad} id={id} label={component.label ?? "签名"} onDrawn={onChange} />}
      {!drawing && (
        <Input
          id={`${id}-name`} value={value ?? ""} placeholder="键入签名人姓名" autoComplete="off" status={invalid ? "error" : undefined}
          aria-label={`${component.label ?? "签名"}：姓名`} aria-describedby={describedBy} onChange={(event) => onChange(event.target.value)}
        />
      )}
      <div className="row">
        {!drawing && !value && <Button onClick={() => onChange(me.name)}>签本人姓名（{me.name}）</Button>}
        {drawing && value && <Button onClick={() => { onChange(null); setPad((count) => count + 1); }}>重签</Button>}
        <Button type="link" onClick={change}>{drawing ? "改为键入姓名" : "改为手写"}</Button>
      </div>
    </div>
  );
}

/** Keeps its lines in the canvas; each lift of the pen hands over the whole picture. */
function Pad({ id, label, onDrawn }: { id: string; label: string; onDrawn: (picture: string) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pen = useRef(false);
  useEffect(() => {
    const board = canvas.current;
    const ink = board?.getContext("2d");
    if (!board || !ink) return;
    const { width, height } = board.getBoundingClientRect();
    board.width = Math.round(width);
    board.height = Math.round(height);
    Object.assign(ink, { lineWidth: 2.6, lineCap: "round", lineJoin: "round", strokeStyle: "#12263f" });
  }, []);
  const at = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top] as const;
  };
  const start = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    pen.current = true;
    const ink = canvas.current?.getContext("2d");
    ink?.beginPath();
    ink?.moveTo(...at(event));
  };
  const move = (event: PointerEvent) => {
    if (!pen.current) return;
    const ink = canvas.current?.getContext("2d");
    ink?.lineTo(...at(event));
    ink?.stroke();
  };
  const lift = () => {
    if (!pen.current) return;
    pen.current = false;
    if (canvas.current) onDrawn(canvas.current.toDataURL("image/png"));
  };
  return (
    <canvas
      ref={canvas} id={`${id}-pad`} className="signature-pad" role="img" aria-label={`${label}手写区，也可改为键入姓名`}
      onPointerDown={start} onPointerMove={move} onPointerUp={lift} onPointerCancel={lift}
    />
  );
}
