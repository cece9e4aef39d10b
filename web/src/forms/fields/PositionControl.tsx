/** Where the visit took place: taken from the device on request, never silently. */
import { AimOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import type { ControlProps } from "../Field";

interface Position {
  latitude: number;
  longitude: number;
  accuracy?: number;
}

function words(value: Position | null): string {
  if (!value || typeof value.latitude !== "number") return "尚未获取";
  const place = `北纬 ${value.latitude.toFixed(5)}，东经 ${value.longitude.toFixed(5)}`;
  return value.accuracy ? `${place}（误差约 ${Math.round(value.accuracy)} 米）` : place;
}

export function PositionControl({ id, value, onChange, disabled, describedBy }: ControlProps) {
  const [state, setState] = useState<"idle" | "asking" | "refused">("idle");
  const ask = () => {
    if (!navigator.geolocation) return setState("refused");
    setState("asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setState("idle");
        onChange({ latitude: Number(coords.latitude.toFixed(6)), longitude: Number(coords.longitude.toFixed(6)), accuracy: Math.round(coords.accuracy) });
      },
      () => setState("refused"),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  };
  return (
    <div className="row">
      <Button id={`${id}-ask`} icon={<AimOutlined />} onClick={ask} loading={state === "asking"} disabled={disabled} aria-describedby={describedBy}>
        获取当前位置
      </Button>
      <span role="status">{state === "refused" ? "没能获取位置：设备不支持或未允许定位。" : words(value ?? null)}</span>
      {value && !disabled && <Button type="link" onClick={() => onChange(null)}>清除</Button>}
    </div>
  );
}
