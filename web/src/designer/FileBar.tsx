/** The files of a draft: drawings, decision tables, forms; new ones, and ones taken away. */
import { App, Button, Form, Input, Modal, Popconfirm, Select } from "antd";
import { useState } from "react";
import { TabList } from "../common/TabList";
import { blank, FILE_KEY, KIND_WORDS, KINDS, kindOfFile, titleOf, type FileKind } from "./files";
import type { Desk } from "./useDraft";

export const PANEL = "design-file";

export function FileBar({ desk, editing }: { desk: Desk; editing: boolean }) {
  const [asking, setAsking] = useState<"dmn" | "form">();
  const { message } = App.useApp();
  const { files, file } = desk;
  const kind = kindOfFile(file) ?? "bpmn";
  const [empty, setEmpty] = useState<FileKind>();
  const shown = empty ?? kind;
  const here = files.filter((one) => kindOfFile(one.name) === shown);
  const go = (next: string) => {
    const first = files.find((one) => kindOfFile(one.name) === next);
    setEmpty(first ? undefined : (next as FileKind));
    if (first) desk.open(first.name).catch((error: Error) => message.error(error.message));
  };
  const label = (one: FileKind) => `${KIND_WORDS[one]} ${files.filter((name) => kindOfFile(name.name) === one).length}`;
  const changed = (name: string) => (desk.over[name] !== undefined ? "（未保存）" : "");
  return (
    <div className="design-files">
      <TabList label="文件种类" panel={PANEL} current={shown} onChange={go} items={KINDS.map((one) => ({ key: one, label: label(one) }))} />
      {here.length > 1 && (
        <Select
          aria-label={`${KIND_WORDS[shown]}文件`} value={file} onChange={(name: string) => void desk.open(name)} className="design-file-choice" popupMatchSelectWidth={false}
          options={here.map((one) => ({ value: one.name, label: `${titleOf(one)}（${one.name}）${changed(one.name)}` }))}
        />
      )}
      {here.length === 0 && <span className="muted">这个流程包还没有{KIND_WORDS[shown]}。</span>}
      {editing && shown !== "bpmn" && <Button onClick={() => setAsking(shown)}>新建{KIND_WORDS[shown]}</Button>}
      {editing && shown !== "bpmn" && here.length > 0 && file && (
        <Popconfirm title={`从草稿中删除 ${file}？环节上仍选用它时，检查会提示。`} okText="删除" cancelText="取消" onConfirm={() => void desk.remove(file)}>
          <Button danger>删除</Button>
        </Popconfirm>
      )}
      {asking && <NewFile kind={asking} taken={files.map((one) => one.name)} onClose={() => setAsking(undefined)} onMake={(key, title) => {
        setEmpty(undefined);
        setAsking(undefined);
        void desk.add(blank(asking, key, title));
      }} />}
    </div>
  );
}

interface NewProps {
  kind: "dmn" | "form";
  taken: string[];
  onClose: () => void;
  onMake: (key: string, title: string) => void;
}

function NewFile({ kind, taken, onClose, onMake }: NewProps) {
  const [form] = Form.useForm<{ key: string; title: string }>();
  const free = (_: unknown, key: string) => (taken.includes(`${key}.${kind}`) ? Promise.reject(new Error("已有同名文件")) : Promise.resolve());
  return (
    <Modal open title={`新建${KIND_WORDS[kind]}`} okText="新建" cancelText="取消" onCancel={onClose} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" onFinish={({ key, title }) => onMake(key, title.trim())}>
        <Form.Item name="title" label="名称" rules={[{ required: true, whitespace: true, message: "请填写名称" }]}>
          <Input autoFocus maxLength={40} />
        </Form.Item>
        <Form.Item
          name="key" label="标识" extra="环节按标识选用，以后不能改" validateFirst
          rules={[{ required: true, message: "请填写标识" }, { pattern: FILE_KEY, message: "小写字母开头，只含小写字母、数字和下划线" }, { validator: free }]}
        >
          <Input maxLength={60} placeholder="如 home_visit" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
