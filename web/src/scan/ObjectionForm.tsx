/** 提出异议: what one knows, and a name only if one wants to be answered. Sent again after a broken line, it is one objection. */
import { useRef, useState, type FormEvent } from "react";
import { ApiError, post, uuid } from "../api/client";
import { Field } from "./Field";

interface Sent {
  number: string;
  message: string;
}

const EMPTY = { content: "", name: "", phone: "" };

export function ObjectionForm({ token }: { token: string }) {
  const key = useRef(uuid());
  const [values, setValues] = useState(EMPTY);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState("");
  const [sending, setSending] = useState(false);
  const [sent, setSent] = useState<Sent | null>(null);
  const put = (name: keyof typeof EMPTY) => (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value });
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (values.content.trim().length < 2) {
      setErrors({ content: "请写明异议内容" });
      document.getElementById("content")?.focus();
      return;
    }
    setErrors({});
    setProblem("");
    setSending(true);
    try {
      setSent(await post<Sent>(`/public/notices/${encodeURIComponent(token)}/objections`, { key: key.current, ...values }));
    } catch (error) {
      if (error instanceof ApiError) setErrors(Object.fromEntries(error.fields.map((one) => [one.path, one.path === "phone" ? "电话只能有数字、空格和横线" : one.message])));
      setProblem((error as Error).message);
    } finally {
      setSending(false);
    }
  };
  if (sent) {
    return (
      <section className="box done" role="status">
        <h2>异议已收到</h2>
        <p>编号 <strong>{sent.number}</strong>，请记下或截图。由镇（街）没有参加调查的人员审查，为您保密。</p>
        <p>{values.name || values.phone ? "审查后会按您留下的方式答复。" : "您没有留姓名和电话，可凭编号向公示上的单位询问结果。"}</p>
        <button type="button" onClick={() => { key.current = uuid(); setValues(EMPTY); setSent(null); }}>再提一条</button>
      </section>
    );
  }
  return (
    <form className="box" aria-labelledby="object" onSubmit={(event) => void send(event)} noValidate>
      <h2 id="object">对公示内容有异议</h2>
      <p>写下您知道的情况即可，不必登录，可以不留姓名。村（居）看不到是谁提的。</p>
      {problem && <p className="wrong" role="alert">{problem}</p>}
      <Field id="content" label="异议内容（必填）" error={errors.content}>
        <textarea id="content" rows={5} maxLength={2000} required value={values.content} onChange={put("content")} aria-invalid={Boolean(errors.content)} aria-describedby={errors.content ? "content-error" : undefined} />
      </Field>
      <Field id="name" label="姓名（可不填）" error={errors.name}>
        <input id="name" maxLength={50} autoComplete="off" value={values.name} onChange={put("name")} />
      </Field>
      <Field id="phone" label="电话（可不填，留下便于答复）" error={errors.phone}>
        <input id="phone" type="tel" maxLength={30} autoComplete="off" value={values.phone} onChange={put("phone")} aria-invalid={Boolean(errors.phone)} aria-describedby={errors.phone ? "phone-error" : undefined} />
      </Field>
      <button type="submit" disabled={sending}>{sending ? "正在提交…" : "提交异议"}</button>
    </form>
  );
}
