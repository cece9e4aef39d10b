/** 反映困难 and 查询: two things anybody may do without a login. */
import { useState } from "react";
import { FateBox } from "./FateBox";
import { TellForm } from "./TellForm";

export function HelpPage() {
  const [asking, setAsking] = useState(false);
  return (
    <main>
      <header><img src="/icon.svg" alt="" width={28} height={28} /><h1>反映困难，主动救助</h1></header>
      <p className="box alarm"><strong>危及生命请先打 <a href="tel:120">120</a> 或 <a href="tel:110">110</a>。</strong></p>
      <nav aria-label="要做什么">
        <button type="button" aria-pressed={!asking} onClick={() => setAsking(false)}>反映困难</button>
        <button type="button" aria-pressed={asking} onClick={() => setAsking(true)}>查询结果</button>
      </nav>
      {asking ? <FateBox /> : <TellForm />}
    </main>
  );
}
