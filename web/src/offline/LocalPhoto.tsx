/** A photo that lies on this device. */
import { useEffect, useState } from "react";
import { LOCAL } from "./outbox";
import { photoOf } from "./shelf";
import type { KeptPhoto } from "./types";

export function LocalPhoto({ reference, label }: { reference: string; label: string }) {
  const [photo, setPhoto] = useState<KeptPhoto | null | undefined>(undefined);
  const [address, setAddress] = useState("");
  useEffect(() => {
    let made = "";
    void photoOf(reference.slice(LOCAL.length)).catch(() => undefined).then((found) => {
      setPhoto(found ?? null);
      if (!found) return;
      made = URL.createObjectURL(found.content);
      setAddress(made);
    });
    return () => URL.revokeObjectURL(made);
  }, [reference]);
  if (photo === null) return <span className="photo"><span>照片已不在本机</span></span>;
  return (
    <span className="photo">
      {photo && !photo.type.startsWith("image/") ? <span>{photo.name}</span> : address && <img src={address} alt={`${label}（存在本机）`} />}
    </span>
  );
}
