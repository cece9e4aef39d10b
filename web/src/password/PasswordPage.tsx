/** 修改本人密码: the old one, the new one twice. Other devices are logged out. */
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { ApiError, post } from "../api/client";
import type { Done } from "../api/types";
import { href } from "../app/router";
import { useMe } from "../app/session";
import { PageHead } from "../common/PageHead";
import "../report/report.css";

interface Fields {
  old: string;
  new: string;
  again: string;
}

/** As in `casework/sessions.py`. */
const SHORTEST = 10;

export function PasswordPage() {
  const me = useMe();
  const [form] = Form.useForm<Fields>();
  const write = useMutation({
    mutationFn: (fields: Fields) => post<Done>("/me/password", { old: fields.old, new: fields.new }),
    onSuccess: () => form.resetFields(),
    onError: (error) => {
      if (error instanceof ApiError) form.setFields(error.fields.map((one) => ({ name: one.path as keyof Fields, errors: [one.message] })));
    },
  });
  const shown = write.error instanceof ApiError && write.error.fields.length > 0 ? null : write.error;
  return (
    <div className="report">
      <PageHead title="修改密码" hint="修改后，您在其他设备上的登录会退出，本机不受影响。" />
      <section className="panel stack">
        {write.data && <Alert type="success" showIcon role="status" title={write.data.message} action={<Button size="small" href={href("/tasks")}>回到我的待办</Button>} />}
        {shown && <Alert type="error" showIcon role="alert" title={shown.message} />}
        <Form<Fields> form={form} layout="vertical" requiredMark={false} onFinish={(fields) => write.mutate(fields)} scrollToFirstError>
          <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
          <Form.Item name="old" label="原密码" rules={[{ required: true, message: "请输入原密码" }]}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Form.Item name="new" label="新密码" extra={`至少 ${SHORTEST} 个字符，不能与原密码相同`} rules={[{ required: true, message: "请输入新密码" }, { min: SHORTEST, message: `至少 ${SHORTEST} 个字符` }]}>
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Form.Item
            name="again" label="再输入一次新密码" dependencies={["new"]}
            rules={[{ required: true, message: "请再输入一次" }, { validator: (_rule, value) => (!value || value === form.getFieldValue("new") ? Promise.resolve() : Promise.reject(new Error("两次输入的新密码不一致"))) }]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Button type="primary" size="large" htmlType="submit" loading={write.isPending}>修改密码</Button>
        </Form>
      </section>
    </div>
  );
}
