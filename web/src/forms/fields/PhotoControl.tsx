/** Photos and papers: taken or chosen, shrunk, sent at once – or kept on the device where the form allows it; the form keeps the ids. */
import { CameraOutlined, FilePdfOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useContext, useRef, useState } from "react";
import { post, url } from "../../api/client";
import { LocalPhoto } from "../../offline/LocalPhoto";
import { LOCAL, unreachable } from "../../offline/outbox";
import { keepPhoto } from "../../offline/shelf";
import { KeepsPhotos } from "../../offline/useHandIn";
import type { ControlProps } from "../Field";
import { shrink } from "./shrink";

interface Stored {
  id: string;
  name: string;
  size: number;
  type: string;
}

const TOO_LARGE = 10_000_000;

/** Names of files sent in this visit; older ones are shown by their picture. */
const known = new Map<string, Stored>();

async function upload(file: File): Promise<string> {
  const body = new FormData();
  body.append("file", file);
  const stored = await post<Stored>("/files", body);
  known.set(stored.id, stored);
  return stored.id;
}

export function PhotoControl({ id, component, value, onChange, disabled, describedBy }: ControlProps) {
  const files: string[] = Array.isArray(value) ? value : [];
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(files);
  latest.current = files;
  const [waiting, setWaiting] = useState(0);
  const [problem, setProblem] = useState("");

  const keeper = useContext(KeepsPhotos);

  const sendOne = async (file: File) => {
    const small = await shrink(file);
    if (small.size > TOO_LARGE) throw new Error(`「${file.name}」超过 10 MB，请压缩后再传`);
    const stored = await upload(small).catch((error: unknown) => {
      if (keeper && unreachable(error)) return keepPhoto(keeper, small);
      throw error;
    });
    latest.current = [...latest.current, stored];
    onChange(latest.current);
  };
  const sendAll = async (list: FileList | null) => {
    const chosen = [...(list ?? [])];
    if (input.current) input.current.value = "";
    setProblem("");
    setWaiting((n) => n + chosen.length);
    for (const file of chosen) {
      await sendOne(file).catch((error: Error) => setProblem(error.message));
      setWaiting((n) => n - 1);
    }
  };
  const many = component.multiple !== false;
  return (
    <div className="photos">
      {files.map((file, index) => (
        <figure key={file}>
          {file.startsWith(LOCAL)
            ? <LocalPhoto reference={file} label={`${component.label ?? "照片"} ${index + 1}`} />
            : <Preview id={file} label={`${component.label ?? "照片"} ${index + 1}`} />}
          {!disabled && (
            <button type="button" className="photo-remove" aria-label={`删除第 ${index + 1} 张`} onClick={() => onChange(files.filter((one) => one !== file))}>
              删除
            </button>
          )}
        </figure>
      ))}
      {!disabled && (
        <Button className="photo-add" icon={<CameraOutlined />} loading={waiting > 0} onClick={() => input.current?.click()} aria-describedby={describedBy}>
          {waiting > 0 ? `正在上传 ${waiting} 张` : files.length ? "再添加" : "拍照或选择文件"}
        </Button>
      )}
      <input
        ref={input} id={`${id}-input`} className="sr-only" type="file" tabIndex={-1} aria-label={component.label ?? "照片"} disabled={disabled}
        accept={component.accept ?? "image/*,application/pdf"} multiple={many} onChange={(event) => void sendAll(event.target.files)}
      />
      {problem && <p className="field-error" role="alert">{problem}</p>}
    </div>
  );
}

export function Preview({ id, label }: { id: string; label: string }) {
  const [broken, setBroken] = useState(false);
  const file = known.get(id);
  const paper = broken || file?.type === "application/pdf";
  return (
    <a href={url(`/files/${id}`)} target="_blank" rel="noreferrer" className="photo" aria-label={paper ? `${file?.name ?? "附件"}：${label}` : `打开${label}`}>
      {paper ? (
        <span><FilePdfOutlined aria-hidden /> {file?.name ?? "附件"}</span>
      ) : (
        <img src={url(`/files/${id}`)} alt={label} onError={() => setBroken(true)} />
      )}
    </a>
  );
}
