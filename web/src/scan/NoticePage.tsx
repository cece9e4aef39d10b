/** 扫码看公示: the notice as far as a page may show it, and a form to object – no login, no name asked for. */
import { useEffect, useState } from "react";
import { get } from "../api/client";
import { ObjectionForm } from "./ObjectionForm";

export interface PostedNotice {
  number: string;
  state: "waiting" | "posted" | "over";
  content: Record<string, string>;
  ends_on: string | null;
  office: string;
  phone: string;
}

const date = (text: string): string => {
  const [year, month, day] = text.split("-").map(Number);
  return `${year}年${month}月${day}日`;
};

function Whom({ notice }: { notice: PostedNotice }) {
  return <p>有疑问可以找 {notice.office}，或打 <a href={`tel:${notice.phone}`}>{notice.phone}</a>。</p>;
}

export function NoticePage({ token }: { token: string }) {
  const [notice, setNotice] = useState<PostedNotice | null>(null);
  const [problem, setProblem] = useState("");
  const load = () => {
    setProblem("");
    get<PostedNotice>(`/public/notices/${encodeURIComponent(token)}`).then(setNotice, (error: Error) => setProblem(error.message));
  };
  useEffect(load, [token]);
  return (
    <main>
      <header><img src="/icon.svg" alt="" width={28} height={28} /><h1>社会救助公示</h1></header>
      {problem && <div className="box" role="alert"><p>{problem}</p><button type="button" onClick={load}>重试</button></div>}
      {!problem && !notice && <p role="status">正在打开…</p>}
      {notice?.state === "waiting" && <div className="box"><h2>公示还没有开始</h2><p>编号 {notice.number}，张贴后可在这里查看。</p><Whom notice={notice} /></div>}
      {notice?.state === "over" && <div className="box"><h2>公示已经结束</h2><p>编号 {notice.number} 的公示期已满或已撤下，内容不再显示，也不能再在这里提出异议。</p><Whom notice={notice} /></div>}
      {notice?.state === "posted" && (
        <>
          <section className="box" aria-labelledby="what">
            <h2 id="what">公示内容</h2>
            <dl>
              <div><dt>公示编号</dt><dd>{notice.number}</dd></div>
              {Object.entries(notice.content).map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}
            </dl>
            {notice.ends_on && <p>公示至 <strong>{date(notice.ends_on)}</strong>（含当日）。网上不显示全名，全名见村（居）公示栏。</p>}
          </section>
          <ObjectionForm token={token} />
          <Whom notice={notice} />
        </>
      )}
    </main>
  );
}
