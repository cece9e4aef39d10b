/** 登录. A server with invented people lists them, so that a visitor can try every post. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Card, Form, Input } from "antd";
import { get, post } from "../api/client";
import type { Login, Me } from "../api/types";
import "./login.css";

interface DemoAccount {
  username: string;
  password: string;
  name: string;
  post: string;
}

interface Props {
  onDone: (me: Me) => void;
  username?: string;
}

function useLogin(onDone: (me: Me) => void) {
  return useMutation({ mutationFn: (values: Login) => post<Me>("/login", values), onSuccess: onDone });
}

export function LoginForm({ onDone, username }: Props) {
  const login = useLogin(onDone);
  return (
    <Form<Login> layout="vertical" requiredMark={false} initialValues={{ username }} onFinish={(values) => login.mutate(values)}>
      {login.error && <Alert type="error" showIcon title={login.error.message} role="alert" className="login-error" />}
      <Form.Item name="username" label="用户名" rules={[{ required: true, message: "请输入用户名" }]}>
        <Input size="large" autoComplete="username" autoCapitalize="off" autoFocus={!username} />
      </Form.Item>
      <Form.Item name="password" label="密码" rules={[{ required: true, message: "请输入密码" }]}>
        <Input.Password size="large" autoComplete="current-password" autoFocus={Boolean(username)} />
      </Form.Item>
      <Button type="primary" size="large" block htmlType="submit" loading={login.isPending}>
        登录
      </Button>
    </Form>
  );
}

function DemoAccounts({ onDone }: Props) {
  const login = useLogin(onDone);
  const { data } = useQuery({ queryKey: ["demo-accounts"], queryFn: () => get<DemoAccount[]>("/demo-accounts"), retry: false });
  if (!Array.isArray(data) || data.length === 0) return null;
  return (
    <section className="login-demo" aria-labelledby="demo-title">
      <h2 id="demo-title">演示账号</h2>
      <p>人员与数据均为虚构。点选一人即可登录。</p>
      {login.error && <Alert type="error" showIcon title={login.error.message} role="alert" />}
      <ul>
        {data.map((one) => (
          <li key={one.username}>
            <button type="button" disabled={login.isPending} onClick={() => login.mutate({ username: one.username, password: one.password })}>
              <strong>{one.name}</strong>
              <span>{one.post}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function LoginPage({ onDone }: Props) {
  return (
    <main className="login">
      <header className="login-head">
        <img src="/icon.svg" alt="" width={48} height={48} />
        <div>
          <h1>巡诊</h1>
          <p>困难群众主动发现与救助</p>
        </div>
      </header>
      <Card className="login-card">
        <LoginForm onDone={onDone} />
      </Card>
      <p className="login-public"><a href="/help">群众反映困难、查询结果，不用登录</a></p>
      <DemoAccounts onDone={onDone} />
    </main>
  );
}
