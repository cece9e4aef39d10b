/** The pages of the application and who sees them. */
import {
  AccountBookOutlined, AlertOutlined, ApartmentOutlined, AuditOutlined, BarChartOutlined, BellOutlined, CalendarOutlined, CarryOutOutlined, CloudUploadOutlined,
  ClusterOutlined, CompassOutlined, EditOutlined, EnvironmentOutlined, ExportOutlined, FileDoneOutlined, FlagOutlined, FolderOpenOutlined,
  FormOutlined, HeartOutlined, HomeOutlined, LockOutlined, MailOutlined, NotificationOutlined, PushpinOutlined, RadarChartOutlined, SafetyCertificateOutlined,
  SendOutlined, SolutionOutlined, SwapOutlined, TableOutlined, TeamOutlined, TrophyOutlined, UserSwitchOutlined,
} from "@ant-design/icons";
import { lazy, type ComponentType, type ReactNode } from "react";
import type { Me, PostHeld } from "../api/types";

export interface PageEntry {
  /** First part of the address. */
  key: string;
  label: string;
  /** Two characters or so for the phone's bottom bar. */
  short: string;
  icon: ReactNode;
  /** One of these rights; everybody without it. */
  right?: string | string[];
  /** Who holds a post of one of these tiers; everybody without it. */
  tiers?: PostHeld["tier"][];
  /** Also for people of outside bodies, who get what is addressed to them. */
  strangers?: true;
  page: ComponentType;
}

const named = <K extends string>(load: () => Promise<Record<K, ComponentType>>, name: K) =>
  lazy(async () => ({ default: (await load())[name] }));

const OFFICES: PostHeld["tier"][] = ["town", "district"];

export const PAGES: PageEntry[] = [
  { key: "tasks", label: "我的待办", short: "待办", icon: <CarryOutOutlined />, strangers: true, page: named(() => import("../tasks/TasksRoute"), "TasksRoute") },
  { key: "report", label: "上报线索", short: "上报", icon: <EditOutlined />, right: "report", page: named(() => import("../report/ReportPage"), "ReportPage") },
  { key: "rounds", label: "今日走访", short: "走访", icon: <CompassOutlined />, right: "report", page: named(() => import("../rounds/RoundsRoute"), "RoundsRoute") },
  { key: "cases", label: "救助事项", short: "事项", icon: <FolderOpenOutlined />, page: named(() => import("../cases/CasesRoute"), "CasesRoute") },
  { key: "mine", label: "我上报的", short: "我报", icon: <FlagOutlined />, right: "report", page: named(() => import("../loop/MinePage"), "MinePage") },
  { key: "outbox", label: "待上传", short: "待传", icon: <CloudUploadOutlined />, right: "report", page: named(() => import("../offline/OutboxRoute"), "OutboxRoute") },
  { key: "homes", label: "户册", short: "户册", icon: <HomeOutlined />, page: named(() => import("../homes/HomesRoute"), "HomesRoute") },
  { key: "recognitions", label: "在享救助", short: "在享", icon: <HeartOutlined />, page: named(() => import("../reviews/RecognitionsPage"), "RecognitionsPage") },
  { key: "meetings", label: "评议会议", short: "评议", icon: <SolutionOutlined />, right: "work", page: named(() => import("../meetings/MeetingsRoute"), "MeetingsRoute") },
  { key: "notices", label: "公示管理", short: "公示", icon: <PushpinOutlined />, right: "work", page: named(() => import("../notices/NoticesPage"), "NoticesPage") },
  { key: "referrals", label: "转介收发", short: "转介", icon: <MailOutlined />, right: "refer", strangers: true, page: named(() => import("../referrals/ReferralsRoute"), "ReferralsRoute") },
  { key: "requests", label: "协办", short: "协办", icon: <TeamOutlined />, strangers: true, page: named(() => import("../requests/RequestsPage"), "RequestsPage") },
  { key: "overview", label: "督查总览", short: "督查", icon: <BarChartOutlined />, right: "watch", page: named(() => import("../overview/OverviewPage"), "OverviewPage") },
  { key: "ladder", label: "督办", short: "督办", icon: <AuditOutlined />, right: "watch", page: named(() => import("../ladder/LadderPage"), "LadderPage") },
  { key: "coverage", label: "走访覆盖", short: "覆盖", icon: <RadarChartOutlined />, right: "watch", page: named(() => import("../coverage/CoveragePage"), "CoveragePage") },
  { key: "assessments", label: "考核", short: "考核", icon: <TrophyOutlined />, page: named(() => import("../assessments/AssessmentsRoute"), "AssessmentsRoute") },
  { key: "state", label: "流程态势", short: "态势", icon: <ApartmentOutlined />, right: "watch", page: named(() => import("../diagram/ProcessStatePage"), "ProcessStatePage") },
  { key: "ledger", label: "台账", short: "台账", icon: <TableOutlined />, page: named(() => import("../ledger/LedgerPage"), "LedgerPage") },
  { key: "reports", label: "月报", short: "月报", icon: <FileDoneOutlined />, tiers: OFFICES, page: named(() => import("../reports/ReportsRoute"), "ReportsRoute") },
  { key: "spot", label: "随机抽查", short: "抽查", icon: <SafetyCertificateOutlined />, tiers: OFFICES, page: named(() => import("../spot/SpotRoute"), "SpotRoute") },
  { key: "reserve", label: "备用金", short: "备用金", icon: <AccountBookOutlined />, tiers: OFFICES, page: named(() => import("../reserve/ReservePage"), "ReservePage") },
  { key: "points", label: "服务点", short: "服务点", icon: <EnvironmentOutlined />, page: named(() => import("../points/PointsPage"), "PointsPage") },
  { key: "publicity", label: "宣传与行动", short: "宣传", icon: <NotificationOutlined />, page: named(() => import("../publicity/PublicityPage"), "PublicityPage") },
  { key: "handover", label: "工作交接", short: "交接", icon: <SwapOutlined />, right: ["supervise", "organise"], page: named(() => import("../handover/HandOverPage"), "HandOverPage") },
  { key: "transfers", label: "属地移交", short: "移交", icon: <SendOutlined />, right: "supervise", page: named(() => import("../transfers/TransfersPage"), "TransfersPage") },
  { key: "duty", label: "值班表", short: "值班", icon: <CalendarOutlined />, page: named(() => import("../duty/DutyPage"), "DutyPage") },
  { key: "organisation", label: "组织与网格", short: "组织", icon: <ClusterOutlined />, right: "organise", page: named(() => import("../organisation/OrganisationPage"), "OrganisationPage") },
  { key: "kinship", label: "近亲属备案", short: "备案", icon: <UserSwitchOutlined />, page: named(() => import("../kinship/KinshipPage"), "KinshipPage") },
  { key: "moving", label: "移案", short: "移案", icon: <ExportOutlined />, right: "publish", page: named(() => import("../moving/MovingPage"), "MovingPage") },
  { key: "legal", label: "日历与时限", short: "时限", icon: <CalendarOutlined />, right: "watch", page: named(() => import("../legal/LegalPage"), "LegalPage") },
  { key: "incidents", label: "运行异常", short: "异常", icon: <AlertOutlined />, right: "admin", page: named(() => import("../incidents/IncidentsPage"), "IncidentsPage") },
  { key: "messages", label: "消息", short: "消息", icon: <BellOutlined />, strangers: true, page: named(() => import("../messages/MessagesPage"), "MessagesPage") },
];

/** Pages everybody has and no menu shows: they are reached from one's own name. */
export const OWN: PageEntry[] = [
  { key: "password", label: "修改密码", short: "密码", icon: <LockOutlined />, page: named(() => import("../password/PasswordPage"), "PasswordPage") },
];

/** The headings of the side menu and what stands under each; the order of the pages is the phone's. */
export const GROUPS: { label: string; keys: string[] }[] = [
  { label: "办理", keys: ["tasks", "report", "rounds", "cases", "mine", "outbox", "meetings", "notices", "referrals", "requests", "messages"] },
  { label: "对象", keys: ["homes", "recognitions", "kinship"] },
  { label: "督查", keys: ["overview", "coverage", "ladder", "state", "spot", "assessments"] },
  { label: "账表", keys: ["ledger", "reports", "reserve"] },
  { label: "服务", keys: ["points", "publicity"] },
  { label: "人员", keys: ["organisation", "duty", "handover", "transfers"] },
  { label: "规则", keys: ["legal", "moving", "designer", "incidents"] },
];

export const DESIGNER = { href: "/designer.html", label: "流程设计", icon: <FormOutlined />, right: "design" };

export const pagesOf = (me: Me): PageEntry[] =>
  PAGES.filter((page) => (!page.right || [page.right].flat().some((right) => me.rights.includes(right))) && (!page.tiers || me.posts.some((held) => page.tiers!.includes(held.tier))) && (!me.stranger || page.strangers));
