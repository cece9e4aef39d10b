/** 反映困难: where, what, how urgent; a name and a telephone only if one likes. Sent again after a broken line, it is one lead. */
import { useEffect, useRef, useState, type ChangeEvent, type FormEvent } from "react";
import { ApiError, get, post, uuid } from "../api/client";
import { Field } from "../scan/Field";

interface Place { path: string; name: string }
interface Choice { value: string; label: string; group: string }
interface Offer { towns: (Place & { villages: Place[] })[]; causes: Choice[]; signs: Choice[] }
interface Sent { number: string; token: string }

const EMPTY = { own: "", town: "", place_area: "", place_text: "", main_cause: "", description: "", subject_name: "", subject_phone: "" };
type Values = typeof EMPTY;

const missing = (values: Values): Record<string, string> => {
  const wanted: [keyof Values, string][] = [["own", "请选择"], ["town", "请选择镇（街）"], ["place_area", "请选择村（居）"], ["place_text", "请写明能找到人的位置"], ["main_cause", "请选择主要困难"]];
  return Object.fromEntries(wanted.filter(([key]) => !values[key].trim()));
};

export function TellForm() {
  const key = useRef(uuid());
  const [offer, setOffer] = useState<Offer | null>(null);
  const [values, setValues] = useState(EMPTY);
  const [signs, setSigns] = useState<string[]>([]);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState("");
  const [sending, setSending] = useState(false);
  const [sent, setSent] = useState<Sent | null>(null);
  const load = () => {
    setProblem("");
    get<Offer>("/public/leads/form").then(setOffer, (error: Error) => setProblem(error.message));
  };
  useEffect(load, []);
  if (!offer) return problem ? <div className="box" role="alert"><p>{problem}</p><button type="button" onClick={load}>重试</button></div> : <p role="status">正在打开…</p>;
  if (sent) return <Done sent={sent} again={() => { key.current = uuid(); setValues(EMPTY); setSigns([]); setSent(null); }} />;

  const put = (name: keyof Values) => (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) =>
    setValues({ ...values, [name]: event.target.value, ...(name === "town" ? { place_area: "" } : {}) });
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setProblem("");
    const wrong = missing(values);
    setErrors(wrong);
    const first = Object.keys(wrong)[0];
    if (first) {
      document.getElementById(first)?.focus();
      return;
    }
    setSending(true);
    const { own, town: _town, ...rest } = values;
    try {
      setSent(await post<Sent>("/public/leads", { key: key.current, own: own === "yes", ...rest, subject_phone: rest.subject_phone.replace(/\s/g, ""), urgent_signs: signs }));
      window.scrollTo(0, 0);
    } catch (error) {
      if (error instanceof ApiError) setErrors(Object.fromEntries(error.fields.map((one) => [one.path, one.message])));
      setProblem((error as Error).message);
    } finally {
      setSending(false);
    }
  };
  const villages = offer.towns.find((one) => one.path === values.town)?.villages ?? [];
  const said = (name: string) => ({ "aria-invalid": Boolean(errors[name]), "aria-describedby": errors[name] ? `${name}-error` : undefined });
  return (
    <form className="box" onSubmit={(event) => void send(event)} noValidate>
      <p>写下您知道的即可，不必登录，可以不留姓名。我们会派人上门了解，为您保密。</p>
      {problem && <p className="wrong" role="alert">{problem}</p>}
      <Field id="own" label="谁有困难（必填）" error={errors.own}>
        <select id="own" value={values.own} onChange={put("own")} {...said("own")}>
          <option value="">请选择</option><option value="yes">我本人或我家</option><option value="no">别人</option>
        </select>
      </Field>
      <Field id="town" label="人在哪个镇（街）（必填）" error={errors.town}>
        <select id="town" value={values.town} onChange={put("town")} {...said("town")}>
          <option value="">请选择</option>{offer.towns.map((one) => <option key={one.path} value={one.path}>{one.name}</option>)}
        </select>
      </Field>
      <Field id="place_area" label="村（居）（必填）" error={errors.place_area}>
        <select id="place_area" value={values.place_area} onChange={put("place_area")} disabled={!values.town} {...said("place_area")}>
          <option value="">{values.town ? "请选择" : "请先选镇（街）"}</option>{villages.map((one) => <option key={one.path} value={one.path}>{one.name}</option>)}
        </select>
      </Field>
      <Field id="place_text" label="具体位置（必填，能找到人即可）" error={errors.place_text}>
        <input id="place_text" maxLength={100} autoComplete="off" value={values.place_text} onChange={put("place_text")} {...said("place_text")} />
      </Field>
      <Field id="main_cause" label="主要困难（必填）" error={errors.main_cause}>
        <select id="main_cause" value={values.main_cause} onChange={put("main_cause")} {...said("main_cause")}>
          <option value="">请选择</option>
          {[...new Set(offer.causes.map((one) => one.group))].map((group) => (
            <optgroup key={group} label={group}>{offer.causes.filter((one) => one.group === group).map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}</optgroup>
          ))}
        </select>
      </Field>
      <fieldset>
        <legend>有没有下面的情况（有就勾选）</legend>
        {offer.signs.map((one) => (
          <label key={one.value} className="tick">
            <input type="checkbox" checked={signs.includes(one.value)} onChange={(event) => setSigns(event.target.checked ? [...signs, one.value] : signs.filter((sign) => sign !== one.value))} />
            {one.label}
          </label>
        ))}
      </fieldset>
      <Field id="description" label="情况（可不填）" error={errors.description}>
        <textarea id="description" rows={4} maxLength={2000} value={values.description} onChange={put("description")} {...said("description")} />
      </Field>
      <Field id="subject_name" label="有困难的人的姓名（不清楚可不填）" error={errors.subject_name}>
        <input id="subject_name" maxLength={50} autoComplete="off" value={values.subject_name} onChange={put("subject_name")} {...said("subject_name")} />
      </Field>
      <Field id="subject_phone" label="他（她）的电话（可不填）" error={errors.subject_phone}>
        <input id="subject_phone" type="tel" maxLength={20} autoComplete="off" value={values.subject_phone} onChange={put("subject_phone")} {...said("subject_phone")} />
      </Field>
      <button type="submit" disabled={sending}>{sending ? "正在提交…" : "提交"}</button>
    </form>
  );
}

function Done({ sent, again }: { sent: Sent; again: () => void }) {
  return (
    <section className="box done" role="status">
      <h2>已收到，会有人上门了解</h2>
      <p>编号 <strong>{sent.number}</strong></p>
      <p>查询码（请记下或截图，凭它查询结果）：</p>
      <p className="code">{sent.token}</p>
      <button type="button" onClick={again}>再反映一件</button>
    </section>
  );
}
