/** 查询结果: by the code given when it was sent. */
import { useState, type FormEvent } from "react";
import { get } from "../api/client";

interface Fate {
  number: string;
  text: string;
  sent_at: string;
  closed_at: string | null;
}

const day = (text: string): string => new Date(text).toLocaleDateString("zh-CN", { timeZone: "Asia/Shanghai", year: "numeric", month: "long", day: "numeric" });

export function FateBox() {
  const [code, setCode] = useState("");
  const [fate, setFate] = useState<Fate | null>(null);
  const [problem, setProblem] = useState("");
  const ask = async (event: FormEvent) => {
    event.preventDefault();
    setProblem("");
    setFate(null);
    if (!code.trim()) {
      setProblem("请填写查询码");
      return;
    }
    try {
      setFate(await get<Fate>(`/public/leads/${encodeURIComponent(code.trim())}`));
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <>
      <form className="box" onSubmit={(event) => void ask(event)} noValidate>
        <div className="field">
          <label htmlFor="code">查询码</label>
          <input id="code" maxLength={40} autoComplete="off" autoCapitalize="off" value={code} onChange={(event) => setCode(event.target.value)} aria-invalid={Boolean(problem)} aria-describedby={problem ? "code-problem" : undefined} />
        </div>
        {problem && <p className="wrong" id="code-problem" role="alert">■ {problem}</p>}
        <button type="submit">查询</button>
      </form>
      {fate && (
        <section className="box done" role="status">
          <h2>{fate.text}</h2>
          <p>编号 {fate.number} · {day(fate.sent_at)}反映{fate.closed_at && ` · ${day(fate.closed_at)}办结`}</p>
          <p>为保护个人隐私，这里不显示姓名和具体情况。</p>
        </section>
      )}
    </>
  );
}
