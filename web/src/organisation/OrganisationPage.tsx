/** 组织与网格: the tree with its days, posts and substitutes, vacancies, people, reorganisations, who changed what and who read what is sensitive. */
import { PageHead } from "../common/PageHead";
import { TabList, TabPanel } from "../common/TabList";
import { useAddress } from "../common/useAddress";
import { ChangesTab } from "./ChangesTab";
import { LogTab } from "./LogTab";
import { PeopleTab } from "./PeopleTab";
import { RevealsTab } from "./RevealsTab";
import { TreeTab } from "./TreeTab";
import { VacanciesTab } from "./VacanciesTab";
import "./organisation.css";

const TABS = [
  { key: "tree", label: "区划与岗位", tab: TreeTab },
  { key: "vacancies", label: "空岗", tab: VacanciesTab },
  { key: "people", label: "人员名册", tab: PeopleTab },
  { key: "changes", label: "区划调整", tab: ChangesTab },
  { key: "log", label: "变更记录", tab: LogTab },
  { key: "reveals", label: "查阅记录", tab: RevealsTab },
];

export function OrganisationPage() {
  const address = useAddress();
  const current = TABS.find((one) => one.key === address.get("tab")) ?? TABS[0];
  const Tab = current.tab;
  return (
    <>
      <PageHead title="组织与网格" hint="谁在哪里任什么职、谁代理、哪里空岗；区划合并拆分按生效日期办理，前后口径总数一致" />
      <TabList label="组织与网格" items={TABS} current={current.key} panel="organisation-panel" onChange={(tab) => address.set({ tab: tab === "tree" ? undefined : tab, q: undefined, gone: undefined, kind: undefined })} />
      <TabPanel id="organisation-panel" current={current.key}><Tab /></TabPanel>
    </>
  );
}
